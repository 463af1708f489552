"""The installed command line without a console: what a scheduler starts in front of whoever works there."""

import addin.__main__  # noqa: F401 - it runs
