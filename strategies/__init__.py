"""Strategy plugins, one per file. `sagetool backtest` finds a plugin by its file's name."""
