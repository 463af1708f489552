"""The workbook as it is first drawn: sheets, dashboard, styles, ribbon and macros."""
