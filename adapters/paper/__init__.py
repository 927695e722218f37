"""Simulated venues: the models of fills, fees and latency, and paper trading, which uses the same in a live node."""
