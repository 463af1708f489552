"""A plain-text Beancount book as a ledger."""
