"""A source that is a folder of CSV files, or one Excel file, with documented columns."""
