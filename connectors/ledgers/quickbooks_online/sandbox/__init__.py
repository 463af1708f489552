"""A stand-in for QuickBooks Online, written from the vendor's documentation and from no client of it."""

from connectors.ledgers.quickbooks_online.sandbox.demonstration import demonstrate
from connectors.ledgers.quickbooks_online.sandbox.limits import LIMITS
from connectors.ledgers.quickbooks_online.sandbox.standin import COMPANIES, QuickBooks, Sandbox, serve

__all__ = ["COMPANIES", "LIMITS", "QuickBooks", "Sandbox", "demonstrate", "serve"]
