"""``python -m addin`` is the command line."""

from addin.cli import main

main()
