"""Replay: the catalog, played into a real node whose clock follows the data."""
