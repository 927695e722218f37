"""Runs by hand, and the days that are sealed for them."""

import datetime as dt

from sagetrade_nautilus.config import DataConfig, RunConfig, StrategyEntry
from sagetrade_nautilus.experiments.evaluation.windows import Days

DAYS = Days(dt.date(2022, 6, 1), dt.date(2022, 7, 1))
RUN = RunConfig(
    name="x",
    data=DataConfig(instruments=["BTCUSDT.BINANCE"], start=dt.date(2022, 1, 1), end=dt.date(2022, 7, 1)),
    strategies=[
        StrategyEntry(plugin="momentum_scalper", params={"min_move": 2.0}),
        StrategyEntry(plugin="news_quick_trade"),
    ],
)


def config(start: dt.date = dt.date(2022, 1, 1), end: dt.date = dt.date(2022, 6, 1)) -> RunConfig:
    data = DataConfig(instruments=["BTCUSDT.BINANCE"], start=start, end=end)
    return RunConfig(name="x", data=data, strategies=[StrategyEntry(plugin="momentum_scalper")])
