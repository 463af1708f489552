"""Middle floor: the spreadsheet that accountants live in."""
