"""Alpaca, the broker."""
