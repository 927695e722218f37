"""Thin Nautilus shells round the pure models: each turns one stream on the bus into another."""
