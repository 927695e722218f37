"""The benchmark's rule in other backtesters. Each module needs numpy and its own backtester, nothing of SageTrade."""
