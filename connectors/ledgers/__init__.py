"""One folder per accounting system; nothing outside this package may ask which one is in use."""
