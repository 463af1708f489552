"""Xero: an organisation's books at the vendor."""
