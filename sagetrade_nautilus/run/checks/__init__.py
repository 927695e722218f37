"""Runs compared with runs: is the future known, do a node and a backtest agree, do texts help, is a plugin sound."""
