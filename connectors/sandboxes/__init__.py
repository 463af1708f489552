"""What every stand-in server shares: a clock that can be moved, faults on demand, and plain HTTP. Knows no vendor."""
