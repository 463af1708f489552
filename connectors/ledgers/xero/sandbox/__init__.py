"""A stand-in for Xero, from the vendor's own words: it shares nothing with the connector."""

from connectors.ledgers.xero.sandbox.demonstration import demonstrate
from connectors.ledgers.xero.sandbox.standin import TENANTS, Sandbox, Xero, serve

__all__ = ["TENANTS", "Sandbox", "Xero", "demonstrate", "serve"]
