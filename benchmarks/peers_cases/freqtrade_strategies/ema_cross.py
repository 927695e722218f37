"""The benchmark's rule as a freqtrade strategy."""

from typing import Any

import numpy as np
from freqtrade.strategy import IStrategy
from pandas import DataFrame, Series

from benchmarks.workload import TRADE_SIZE

HALF_A_LOT = 0.0005
"""freqtrade takes a size in USDT and rounds down to a lot of 0.001: half a lot more always makes `TRADE_SIZE`."""


class EmaCross(IStrategy):
    """Buys where the fast average crosses above the slow one, and sells where it crosses below.

    The rule (fast, slow, warmup) stands in the configuration under ``ema_cross``.
    """

    INTERFACE_VERSION = 3
    timeframe = "1m"
    minimal_roi: dict[str, float] = {}
    stoploss = -0.99
    use_exit_signal = True
    process_only_new_candles = True
    startup_candle_count = 0

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        fast, slow, _ = self.config["ema_cross"]
        dataframe["fast"] = dataframe["close"].ewm(span=fast, adjust=False).mean()
        dataframe["slow"] = dataframe["close"].ewm(span=slow, adjust=False).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        dataframe.loc[self._crossed(dataframe) & (dataframe["fast"] > dataframe["slow"]), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        dataframe.loc[self._crossed(dataframe) & (dataframe["fast"] <= dataframe["slow"]), "exit_long"] = 1
        return dataframe

    def custom_stake_amount(self, current_rate: float, **kwargs: Any) -> float:
        return (TRADE_SIZE + HALF_A_LOT) * current_rate

    def _crossed(self, dataframe: DataFrame) -> Series:
        above = (dataframe["fast"] > dataframe["slow"]).to_numpy()
        numbers = np.arange(1, len(above) + 1)
        return Series(np.diff(above, prepend=False) & (numbers > self.config["ema_cross"][2]), index=dataframe.index)
