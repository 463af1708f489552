"""The Book over a workbook open in Excel or LibreOffice."""
