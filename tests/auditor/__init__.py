"""An auditor's own computation of the books: from the source's files alone, importing nothing of the product."""
