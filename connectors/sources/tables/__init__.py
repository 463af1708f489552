"""Records out of tables of rows, wherever the rows come from: columns, values, references, and what is left out."""
