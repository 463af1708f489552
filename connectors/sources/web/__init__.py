"""A source on the web: pages of rows, and for each table of ours {our column: its path}."""
