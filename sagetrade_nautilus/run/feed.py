"""What a replay plays: the very data that a backtest of the same configuration reads, in the same order."""

from typing import Any, NamedTuple

from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.core.data import Data
from nautilus_trader.model.instruments import Instrument

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.compose import data_configs, interval_ns


class Feed(NamedTuple):
    """Data by ``ts_init``, and the instruments that they are of."""

    data: list[Data]
    instruments: list[Instrument]


def load_feed(config: RunConfig) -> Feed:
    """Read the run's bars and texts from the catalog, through Nautilus's own reader for backtests."""
    start, end = interval_ns(config)
    results: list[Any] = [BacktestNode.load_data_config(wanted, start, end) for wanted in data_configs(config)]
    data = [datum for result in results for datum in result.data]
    instruments = [instrument for result in results for instrument in result.instruments or ()]
    return Feed(sorted(data, key=lambda datum: int(datum.ts_init)), instruments)
