"""Benchmarks: `python -m benchmarks.backtest`."""
