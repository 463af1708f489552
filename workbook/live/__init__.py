"""The Book over a workbook open in Excel or LibreOffice."""

import sys

sys.modules.setdefault("xlwings.pro", None)  # type: ignore[arg-type] # under a licence of its own; xlwings does without
