"""``python -m addin`` is the command line."""

import sys

from addin.cli import main
from addin.home import home
from connectors import private

if sys.stdout is None or sys.stderr is None:  # a scheduler starts us without a console; what we say is kept in a file
    sys.stdout = sys.stderr = private.text(private.make_folder(home()) / "scheduled.log", "w")

main()
