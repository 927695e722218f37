"""Text signals over the catalog, and what the text actors share with them."""
