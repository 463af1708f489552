"""QuickBooks Online, over its Accounting API version 3."""
