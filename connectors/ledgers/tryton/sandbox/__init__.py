"""A real Tryton on this machine, from PyPI, and a new company in it: for tests and the demo, and to try things out."""

from connectors.ledgers.tryton.sandbox.demonstration import demonstrate
from connectors.ledgers.tryton.sandbox.server import CACHE, DATABASE, copy, free_port, prepared, running, serve

__all__ = ["CACHE", "DATABASE", "copy", "demonstrate", "free_port", "prepared", "running", "serve"]
