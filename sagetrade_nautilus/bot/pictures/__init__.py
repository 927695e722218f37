"""Equity and positions as pictures for a chat."""
