"""The ways to booked, the same for every ledger whatever its transport."""
