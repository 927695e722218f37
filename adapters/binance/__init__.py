"""Binance: its public data, and what Nautilus's own adapter leaves to do."""
