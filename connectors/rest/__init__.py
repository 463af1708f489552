"""What every ledger has that is reached by HTTP and JSON, and signed in to."""
