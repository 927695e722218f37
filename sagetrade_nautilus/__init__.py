"""SageTrade: signals, decisions and a guard for every order, on top of NautilusTrader."""

__version__ = "0.1.0"
