"""How a journal of an earlier release becomes one of this release."""
