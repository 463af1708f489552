"""From what was pulled and typed to what the ledger holds: checks, plan, run, delivery."""
