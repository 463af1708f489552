"""What an Excel workbook shows in its cells, read a bounded piece at a time."""
