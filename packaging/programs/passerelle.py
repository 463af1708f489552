"""The installed command line."""

import addin.__main__  # noqa: F401 - it runs
