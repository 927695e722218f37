"""What a replay plays: the very data that a backtest of the same configuration reads, each when it arrives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.core.data import Data
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.instruments import Instrument

from adapters.replay.player import Arrival
from catalog.arrivals import read_arrivals
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nanos import NANOS_PER_HOUR, NANOS_PER_MILLISECOND
from sagetrade_nautilus.run.compose import bar_types, data_configs, interval_ns


class Feed(NamedTuple):
    """Data in the order in which they arrive, the instruments that they are of, and the bars before them, if wanted."""

    data: list[Arrival]
    instruments: list[Instrument]
    past: dict[BarType, list[Bar]]


def load_feed(config: RunConfig, warm_up_h: float = 0.0) -> Feed:
    """Read the run's bars and texts from the catalog, through Nautilus's own reader for backtests.

    Parameters
    ----------
    warm_up_h : float
        How many hours of bars before the run can be asked for.

    Raises
    ------
    ConfigError
        Bars shall come as they were recorded, and no node heard any of an instrument's.
    DataError
        A file of recorded arrivals is damaged.
    """
    start, end = interval_ns(config)
    results: list[Any] = [BacktestNode.load_data_config(wanted, start, end) for wanted in data_configs(config)]
    data = sorted((datum for result in results for datum in result.data), key=lambda datum: int(datum.ts_init))
    instruments = [instrument for result in results for instrument in result.instruments or ()]
    past = _past(config, start - round(warm_up_h * NANOS_PER_HOUR), start - 1) if warm_up_h > 0.0 else {}
    return Feed(sorted(_arrivals(config, data), key=lambda arrival: arrival.at_ns), instruments, past)


def _past(config: RunConfig, start: int, end: int) -> dict[BarType, list[Bar]]:
    """Return by bar type what closed from `start` until `end`, as far as the catalog goes back."""
    found: dict[BarType, list[Bar]] = {BarType.from_str(name): [] for name in bar_types(config)}
    bars = msgspec.structs.replace(data_configs(config)[0], start_time=start, end_time=end)
    for bar in BacktestNode.load_data_config(bars, start, end).data:
        found[bar.bar_type].append(bar)
    return found


def _arrivals(config: RunConfig, data: list[Data]) -> Iterator[Arrival]:
    lag_ns = round(config.node.feed_latency_ms * NANOS_PER_MILLISECOND)
    recorded = _recorded(config) if config.node.feed_latency == "recorded" else {}
    for datum in data:
        came = recorded[datum.bar_type].get(datum.ts_event, 0) if recorded and isinstance(datum, Bar) else 0
        yield Arrival(max(came, datum.ts_init) + lag_ns, datum)  # by a clock that is slow, a bar comes before its close


def _recorded(config: RunConfig) -> dict[BarType, dict[int, int]]:
    """Return by bar type and close when a node heard each bar."""
    found = {}
    for name in map(BarType.from_str, bar_types(config)):
        found[name] = read_arrivals(Path(config.data.catalog), name, *interval_ns(config))
        if not found[name]:
            raise ConfigError(
                f"`node.feed_latency` = 'recorded': catalog {config.data.catalog} does not say when a bar of {name} "
                "came; a node keeps that with `node.record`, and `data.catalog` must be that folder"
            )
    return found
