"""The guide that the product brings: its pages in both languages, as a browser shows them, without a network."""
