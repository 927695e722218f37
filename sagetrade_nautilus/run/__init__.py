"""The composition root: a configuration becomes a wired backtest."""
