"""A stand-in of Excel for xlwings' engine for Windows: COM before it, LibreOffice behind it.

``standin.py`` runs under Wine, in Python for Windows. It has the windows by which xlwings finds Excel, and hands every
call on to ``serving.py``, which answers with ``model.py``: Excel's objects, members and values, over LibreOffice.
``packaging/under-wine.sh`` starts them, runs the Book's contract over them (``running.py``), and presses buttons of
the installed product (``press.py``).
"""
