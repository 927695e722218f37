"""From one configuration to Nautilus's: what is wired, in which order, with which settings."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.backtest.config import (
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestRunConfig,
)
from nautilus_trader.config import (
    ImportableActorConfig,
    ImportableControllerConfig,
    ImportableExecAlgorithmConfig,
    ImportableStrategyConfig,
    LoggingConfig,
)
from nautilus_trader.model.data import Bar
from nautilus_trader.model.identifiers import InstrumentId

from catalog.instruments import is_share, subject_of
from sagetrade_nautilus.config import RunConfig, StrategyEntry
from sagetrade_nautilus.data import NEWS_CLIENT_ID
from sagetrade_nautilus.governance.canary import begun
from sagetrade_nautilus.model.aggregation import MARKET_WIDE
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.run.canary import canary_actors
from sagetrade_nautilus.run.plugins import resolve
from sagetrade_nautilus.run.venue import latency_ns, simulated_venue, venue_name
from sagetrade_nautilus.run.version import code_version


def interval_ns(config: RunConfig) -> tuple[int, int]:
    """Return the run's first and last moment: bars that open in [start, end) close in (start, end]."""
    start, end = (
        int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * NANOS_PER_SECOND
        for day in (config.data.start, config.data.end)
    )
    return start + 1, end


def last_arrival_ns(config: RunConfig) -> int:
    """Return when a run is over: what is sent at its last bar has arrived, and so has the answer."""
    return interval_ns(config)[1] + 2 * latency_ns(config) + NANOS_PER_SECOND


def compose(config: RunConfig, journal: Path) -> BacktestRunConfig:
    """Wire a backtest: data, venue, actors, strategies, and the guard in front of them all.

    Parameters
    ----------
    config : RunConfig
        The run.
    journal : Path
        The file that the guard writes decisions to.

    Raises
    ------
    ConfigError
        A plugin, parameter or instrument is not what it should be.
    """
    engine = BacktestEngineConfig(
        logging=LoggingConfig(bypass_logging=True),
        run_analysis=False,
        actors=actors(config),
        strategies=strategies(config),
        exec_algorithms=algorithms(config),
        controller=guard(config, journal),
    )
    return BacktestRunConfig(
        engine=engine,
        venues=[simulated_venue(config)],
        data=data_configs(config),
        start=interval_ns(config)[0],
        end=last_arrival_ns(config),
        raise_exception=True,
        dispose_on_completion=False,
    )


def guard(
    config: RunConfig, journal: Path, latch: Path | None = None, *, with_money: bool = False
) -> ImportableControllerConfig:
    """Return the guard of a run, which every engine and node names as its controller.

    Parameters
    ----------
    journal : Path
        The file that it writes decisions to.
    latch : Path, optional
        The kill switch's file. A live node does not start without one; its journal is put on the disk with every
        heartbeat.
    with_money : bool
        Whether orders reach a broker: then the canary plan caps the limits, as an experiment's does anywhere, and
        nothing leaves before our books were found to be the venue's.
    """
    return ImportableControllerConfig(
        controller_path="sagetrade_nautilus.guard.controller:Guard",
        config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
        config={
            "component_id": "guard",
            "limits": _plain(begun(config, with_money=with_money).limits),
            "awaits_reconciliation": with_money,
            "breaker": _plain(config.breaker),
            "venue": venue_name(config),
            "currency": config.venue.currency,
            "journal": str(journal),
            "latch": None if latch is None else str(latch),
            "fsync": "close" if latch is None else "beat",
            "run": {
                "type": "run",
                "ts": interval_ns(config)[0] - 1,
                "name": config.name,
                "config_digest": config.digest,
                "code_version": code_version(config),
            },
        },
    )


def _plain(section: msgspec.Struct) -> Any:
    return msgspec.to_builtins(section)


def bar_types(config: RunConfig) -> list[str]:
    """Return the bar type of every instrument, in the configuration's order."""
    return [f"{name}-{config.data.bar}-EXTERNAL" for name in config.data.instruments]


def reads_text(config: RunConfig) -> bool:
    """Whether texts take any part in the run."""
    return config.data.texts and config.text.enabled and config.aggregator.text_weight > 0.0


def data_configs(config: RunConfig) -> list[BacktestDataConfig]:
    """Return what is read from the catalog: bars, and texts if they take part."""
    start, end = interval_ns(config)
    wanted = [
        BacktestDataConfig(
            catalog_path=config.data.catalog,
            data_cls=Bar,
            bar_types=bar_types(config),
            start_time=start,
            end_time=end,
        )
    ]
    if reads_text(config):
        wanted.append(
            BacktestDataConfig(
                catalog_path=config.data.catalog,
                data_cls="sagetrade_nautilus.data:RawText",
                client_id=NEWS_CLIENT_ID,
                start_time=start,
                end_time=end,
            )
        )
    return wanted


def algorithms(config: RunConfig) -> list[ImportableExecAlgorithmConfig]:
    """Return the execution algorithms that the run's style of execution needs."""
    if config.execution.style != "micro":
        return []
    path = "sagetrade_nautilus.execution.algorithm:MicroTrader"
    return [ImportableExecAlgorithmConfig(exec_algorithm_path=path, config_path=f"{path}Config", config={})]


def actors(config: RunConfig, *, warm_up_h: float = 0.0, scored_elsewhere: bool = False) -> list[ImportableActorConfig]:
    """Return the actors in the order in which they hear a bar: prices first, then what joins them.

    Parameters
    ----------
    warm_up_h : float
        How many hours of past bars the feed is asked for.
    scored_elsewhere : bool
        Whether other processes score its texts.
    """
    quant = _actor("quant:QuantActor", bar_types=bar_types(config), quant=_plain(config.quant), warm_up_h=warm_up_h)
    aggregator = _actor(
        "aggregator:AggregatorActor",
        entities=entities(config.data.instruments, config.venue.currency),
        bar=config.data.bar,
        aggregator=_plain(config.aggregator),
        text={**_plain(config.text), "enabled": reads_text(config)},
    )
    watched = canary_actors(config, venue_name(config))
    if not reads_text(config):
        return [quant, aggregator, *watched]
    shares = [name for name in map(InstrumentId.from_str, config.data.instruments) if is_share(name)]
    news = _actor("news:NewsActor", text=_plain(config.text), tickers=[name.symbol.value for name in shares])
    scoring = _actor("remote:RemoteNlpActor" if scored_elsewhere else "nlp:NlpActor", text=_plain(config.text))
    return [quant, news, scoring, aggregator, *watched]


def _actor(path: str, **settings: Any) -> ImportableActorConfig:
    module, name = path.split(":")
    return ImportableActorConfig(
        actor_path=f"actors.{path}",
        config_path=f"actors.{module}:{name}Config",
        config={"component_id": module, **settings},
    )


def strategies(
    config: RunConfig, *, with_money: bool = False, warm_up_h: float = 0.0
) -> list[ImportableStrategyConfig]:
    """Return the strategies in the configuration's order, by which their orders are numbered.

    Parameters
    ----------
    with_money : bool
        Whether orders reach a broker: then strategies size by what the canary plan allots, and ask about orders that
        are not answered.
    warm_up_h : float
        How many hours of past bars the feed is asked for.
    """
    sizing = begun(config, with_money=with_money).sizing
    execution = _plain(config.execution)
    if not with_money:
        execution |= {"ack_timeout_s": 0.0}  # a simulated venue answers, and no questions
    same = {"sizing": _plain(sizing), "execution": execution, "warm_up_h": warm_up_h}
    return [_strategy(config, entry, same) for entry in config.strategies]


def entities(instruments: Sequence[str], currency: str) -> dict[str, list[str]]:
    """Return whose texts speak of each instrument: its own subject's and, unless it is a share, the market's.

    All are priced in `currency`.
    """
    found = {}
    for name, identity in zip(instruments, map(InstrumentId.from_str, instruments), strict=True):
        found[name] = [subject_of(identity, currency), *([] if is_share(identity) else [MARKET_WIDE])]
    return found


def _strategy(config: RunConfig, entry: StrategyEntry, same: dict[str, Any]) -> ImportableStrategyConfig:
    plugin = resolve(entry)
    instruments = entry.instruments or config.data.instruments
    given = {
        "order_id_tag": f"{config.strategies.index(entry) + 1:03d}",
        "oms_type": "HEDGING",
        "log_events": False,
        "log_commands": False,
        "label": plugin.label,
        "instruments": instruments,
        "entities": entities(instruments, config.venue.currency) if reads_text(config) else {},
        "bar": config.data.bar,
        "currency": config.venue.currency,
        "round_trip_bps": config.costs.round_trip_bps,
        "enabled": entry.enabled,
        "selector": _plain(config.selector),
        **same,
        **entry.params,
    }
    return ImportableStrategyConfig(strategy_path=plugin.strategy_path, config_path=plugin.config_path, config=given)
