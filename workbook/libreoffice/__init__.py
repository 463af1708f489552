"""The workbook open in LibreOffice through xlwings, so that the code that runs in Excel runs on Linux.

Nothing of LibreOffice is loaded before ``start`` is called.
"""

from __future__ import annotations

import xlwings

from workbook.libreoffice.engine import engine


def start(*, visible: bool = False) -> xlwings.App:
    """Start a LibreOffice of our own; ``app.books.open(path)`` opens a workbook in it, ``app.quit()`` ends it.

    Raises ``CannotRun(office_missing)`` when LibreOffice or its Python bridge is not on this machine.
    """
    return engine().apps.add(visible=visible)


__all__ = ["start"]
