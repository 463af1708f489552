"""Secrets: a type that never shows itself, and the places they are kept in."""
