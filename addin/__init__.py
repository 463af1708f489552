"""Top floor: what a person triggers, the sync engine and its journal."""
