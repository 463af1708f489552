"""``python -m addin`` is the command line."""

import sys

from addin.cli import main
from addin.home import home

if sys.stdout is None or sys.stderr is None:  # a scheduler starts us without a console; what we say is kept in a file
    home().mkdir(parents=True, exist_ok=True)
    sys.stdout = sys.stderr = (home() / "scheduled.log").open("w", encoding="utf-8")

main()
