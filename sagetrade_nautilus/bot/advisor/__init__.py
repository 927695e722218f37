"""The advisor: a question in plain Arabic or English in, a short analysis out. Pure, and no way to an order."""
