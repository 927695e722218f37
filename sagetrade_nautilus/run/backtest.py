"""One backtest from its configuration to plain values: the composition root at work."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import is_backtest_force_stop
from nautilus_trader.core.datetime import unix_nanos_to_iso8601
from nautilus_trader.model.events import OrderEvent, OrderPendingCancel, OrderPendingUpdate, OrderSubmitted
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Currency

from adapters.paper.latency import LatencyClock
from catalog.bartypes import parse_bar_spec
from catalog.sample import ensure_sample
from catalog.store import read_bars, read_texts, require_bars
from sagetrade_nautilus.account import equity
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError, DataError, RunError
from sagetrade_nautilus.messages import COMMANDS_TOPIC
from sagetrade_nautilus.model.records import PriceSeries, RunSummary
from sagetrade_nautilus.prices import Prices
from sagetrade_nautilus.run import analyzer, collect
from sagetrade_nautilus.run.compose import compose, interval_ns, reads_text
from sagetrade_nautilus.run.plugins import resolve
from sagetrade_nautilus.run.progress import Progress
from sagetrade_nautilus.run.recorder import Recorder
from sagetrade_nautilus.run.venue import latency_ns, require_currency, venue_name
from sagetrade_nautilus.run.version import code_version

COMMANDED = (OrderSubmitted, OrderPendingUpdate, OrderPendingCancel)
"""The events with which a command leaves for the venue."""


def prepare(config: RunConfig) -> None:
    """Make sure that the plugins exist and that the catalog holds what the run asks for.

    The bundled sample is imported if it is wanted and missing.

    Raises
    ------
    ConfigError, PluginError
        A plugin, a parameter or an instrument id is not what it should be.
    DataError
        Bars of an instrument are missing in the range; the message names the command that imports them.
    """
    require_parts(config)
    if config.data.sample:
        ensure_sample(Path(config.data.catalog))
    require_data(config)


def require_parts(config: RunConfig) -> None:
    """Make sure that what the configuration names is there and fits: the venue, its currency, every plugin.

    Raises as `prepare` does.
    """
    venue_name(config)
    require_currency(config)
    try:
        parse_bar_spec(config.data.bar)
    except DataError as error:
        raise ConfigError(f"`data.bar`: {error}") from None
    for entry in config.strategies:
        resolve(entry)


def require_data(config: RunConfig) -> None:
    """Make sure that the catalog holds the bars of the whole range; raises as `prepare` does."""
    start, end = interval_ns(config)
    for name in config.data.instruments:
        require_bars(Path(config.data.catalog), name, config.data.bar, start - 1, end)


def run(
    config: RunConfig,
    journal: Path,
    tell: Callable[[float], None] = lambda share: None,
    listeners: Sequence[Actor] = (),
) -> RunSummary:
    """Run the backtest and return what it left behind.

    Parameters
    ----------
    config : RunConfig
        The run; `prepare` must have found its data.
    journal : Path
        The file that the guard writes decisions to.
    tell : callable
        Told the share that is done, in [0, 1], once a simulated day.
    listeners : sequence of Actor
        Further actors that hear the run and change nothing.

    Raises
    ------
    SageTradeError
        A plugin misbehaves, or the configuration names what is not there.
    """
    node = BacktestNode([compose(config, journal)])
    try:
        recorder = wire(node, config, tell)
        for listener in listeners:
            node.get_engines()[0].trader.add_actor(listener)
        node.run()
        _check_finished(config, node.get_engines()[0])
        return summarize(config, node.get_engines()[0], recorder)
    finally:
        node.dispose()  # type: ignore[no-untyped-call]


def wire(node: BacktestNode, config: RunConfig, tell: Callable[[float], None] = lambda share: None) -> Recorder:
    """Build the node's engine and add what Nautilus's configuration has no place for; return its recorder."""
    node.build()
    engine = node.get_engines()[0]
    recorder = Recorder(config.data.instruments)
    analyzer.install(engine.portfolio)
    keep_latency(engine, config)
    engine.trader.add_actor(recorder)
    engine.trader.add_actor(Progress(*interval_ns(config), tell))
    return recorder


def keep_latency(engine: BacktestEngine, config: RunConfig) -> None:
    """Have the venue take up each command when its latency is over, instead of at the next bar.

    Some cancels, such as the guard's own, are no event of any order: those are heard as the gate lets them out.
    """
    latency = LatencyClock(engine.kernel.clock, latency_ns(config))

    def hear(event: OrderEvent) -> None:
        if isinstance(event, COMMANDED):
            latency.wake()

    engine.kernel.msgbus.subscribe(topic="events.order.*", handler=hear)
    engine.kernel.msgbus.subscribe(topic=COMMANDS_TOPIC, handler=lambda command: latency.wake())


def _check_finished(config: RunConfig, engine: BacktestEngine) -> None:
    """Nautilus ends a run quietly when its simulated account fails: that must not look like a result."""
    if is_backtest_force_stop():
        moment = unix_nanos_to_iso8601(engine.kernel.clock.timestamp_ns())
        raise RunError(
            f"run {config.name} ended early, at {moment}: the simulated account failed (a negative balance or too "
            "little margin); lower `limits` or raise `venue.starting_balance`"
        )


def summarize(config: RunConfig, engine: BacktestEngine, recorder: Recorder) -> RunSummary:
    """Return what a finished engine, or a node that has played to its end, leaves behind."""
    start, end = interval_ns(config)
    prices, fingerprint = read_prices(config, _model_names(engine))
    by_name = {series.instrument_id: series for series in prices}
    fills = collect.fills(engine, recorder.taken, by_name)
    venue, currency = Venue(venue_name(config)), Currency.from_str(config.venue.currency)
    balance = collect.account_balance(engine, venue, currency)
    return RunSummary(
        name=config.name,
        config_digest=config.digest,
        code_version=code_version(config),
        data_fingerprint=fingerprint,
        start=start - 1,
        end=end,
        starting_balance=config.venue.starting_balance,
        final_balance=balance,
        open_pnl=equity(engine.cache, venue, currency, Prices(engine.cache, end)) - balance,
        currency=config.venue.currency,
        currency_precision=currency.precision,
        account=config.venue.account,
        strategies=tuple(entry.label for entry in config.strategies),
        costs=config.costs,
        selector=tuple(config.selector.rules),
        fills=fills,
        round_trips=collect.round_trips(engine, fills, recorder.taken),
        prices=prices,
        signals=recorder.signals(),
        decisions=recorder.decisions(),
    )


def _model_names(engine: BacktestEngine) -> list[str]:
    """Return the text models' names and versions: a model from a folder is no part of the code's version."""
    return [name for actor in engine.trader.actors() if (name := getattr(actor, "model_name", ""))]


def read_prices(config: RunConfig, models: list[str]) -> tuple[tuple[PriceSeries, ...], str]:
    """Return the closes of every instrument, and a SHA-256 of all bars, texts and models that the run could see."""
    start, end = interval_ns(config)
    digest = hashlib.sha256("".join(models).encode())
    series = []
    for name in config.data.instruments:
        bars = read_bars(Path(config.data.catalog), name, config.data.bar, start, end)
        for column in (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume):
            digest.update(column.tobytes())
        series.append(PriceSeries(name, bars.ts, bars.close))
    if reads_text(config):
        for text in read_texts(Path(config.data.catalog), start, end):
            digest.update(msgspec.json.encode(text.to_dict(), order="sorted"))
    return tuple(series), digest.hexdigest()
