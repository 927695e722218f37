"""Binance, as far as Nautilus's own adapter leaves something to ask."""
