"""Tryton, a full open-source ERP, spoken to over JSON-RPC."""
