"""The commands, by theme; each opens what it needs, calls one use case and shows its report."""
