"""The gate that every order command passes, and what it asks: limits that look at order, account and market."""
