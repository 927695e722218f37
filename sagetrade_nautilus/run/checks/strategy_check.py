"""Judging a plugin before anybody trusts it: does it keep the contract, repeat itself, know no future, cost little?"""

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import RunConfig, StrategyEntry
from sagetrade_nautilus.config.market import DataConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.errors import CheckError, PluginError, SageTradeError
from sagetrade_nautilus.execution.face import RAISES, raised
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.readings import Composite, Regime
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.checks import lookahead
from sagetrade_nautilus.run.checks.apart import processes
from sagetrade_nautilus.run.checks.compare import compare, steps
from sagetrade_nautilus.run.plugins import plugin_classes, resolve

CALLS: Final = 2_000
COST_US_MAX: Final = 1_000.0
"""A call that takes longer than this holds up the event loop of a live node."""


class Judged(NamedTuple):
    """One line: what was judged, whether it passed, and what there is to say."""

    name: str
    ok: bool
    says: str


def sample_run(entry: StrategyEntry) -> RunConfig:
    """Return a fortnight of the bundled sample with the plugin alone."""
    first, end = dt.date(2022, 5, 1), dt.date(2022, 5, 15)
    data = DataConfig(instruments=["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"], start=first, end=end, sample=True)
    return RunConfig(name="check", data=data, strategies=[entry])


def judge(config: RunConfig) -> Iterator[Judged]:
    """Judge the only strategy of `config`, and yield each finding as it is made. What rests on a failure is left out.

    Raises
    ------
    SageTradeError
        The data of the run are not there.
    """
    entry, instruments = config.strategies[0], config.strategies[0].instruments or config.data.instruments
    contract = _judged("contract", lambda: _contract(entry, instruments))
    yield contract
    if not contract.ok:
        return
    backtest.prepare(config)
    runs = _judged("runs, and repeats itself", lambda: _repeats(config))
    yield runs
    if runs.ok:
        yield _judged("knows no future", lambda: _future(config))
    yield _judged("cost of a call", lambda: _cost(entry, instruments))


def _judged(name: str, look: Callable[[], str]) -> Judged:
    try:
        return Judged(name, True, look())
    except SageTradeError as error:
        return Judged(name, False, str(error))


def _made(entry: StrategyEntry, instruments: list[str]) -> Any:
    """Return the plugin, initialized as a run does it."""
    resolve(entry)
    strategy, config = plugin_classes(entry.plugin)
    settings = config(label=entry.label, instruments=instruments, **entry.params)
    try:
        made = strategy(settings)
        made.initialize(settings)
    except RAISES as error:  # the plugin's edge: foreign code may raise anything
        raise raised(f"{strategy.__name__}.initialize", error) from error
    return made


def _contract(entry: StrategyEntry, instruments: list[str]) -> str:
    made = _made(entry, instruments)
    if not (type(made).__doc__ or import_module(type(made).__module__).__doc__):
        what = "begin it with a docstring: what it bets on, and when it gives up"
        raise PluginError(f"strategies/{entry.plugin}.py: {what}")
    return f"{type(made).__name__}, its settings and `initialize`"


def _repeats(config: RunConfig) -> str:
    """Run it twice, each time with other hashes of strings."""
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        first, second = Path(scratch) / "first", Path(scratch) / "second"
        for seed, folder in enumerate((first, second), 1):
            folder.mkdir()
            with processes(1, environment={"PYTHONHASHSEED": str(seed)}) as pool:
                pool.submit(lookahead.trace, config, str(Path.cwd()), str(folder)).result()
        found = compare(first, second).first_difference
        if found is not None:
            where = f"{found.component} {found.subject}".strip()
            raise CheckError(f"a second run differs: {where}: {found.field} is {found.first}, then {found.second}")
        decisions = list(steps(first, "decision"))
    taken = sum(step.fields["verdict"] == "taken" for step in decisions)
    hint = "" if decisions else "; it decided nothing, so little was judged: try other parameters or other days"
    return f"{len(decisions):,} decisions, {taken:,} taken, twice the same{hint}"


def _future(config: RunConfig) -> str:
    for finding in lookahead.check(config, lookahead.middle(config), 90.0):
        if finding.failure:
            raise CheckError(f"{finding.future}: the run fails, which says nothing of look-ahead: {finding.failure}")
        if finding.difference is not None:
            found = finding.difference
            raise CheckError(f"{finding.future}: {found.component} {found.subject}: {found.field} changes before it")
    return "with the rest cut off, made up or moved it did the same before"


def _cost(entry: StrategyEntry, instruments: list[str]) -> str:
    """Time `on_new_signal` on signals of all strengths."""
    made, name = _made(entry, instruments), InstrumentId.from_str(instruments[0])
    times = []
    for number in range(CALLS):
        score = number % 201 / 100.0 - 1.0
        composite = Composite(score, (score > 0) - (score < 0), abs(score), 0.01, Regime.LOW_VOL_RANGING, 100.0)
        signal = CompositeSignal(name, composite, number, number)
        began = time.perf_counter()
        try:
            decision = made.on_new_signal(signal)
        except RAISES as error:  # the plugin's edge: foreign code may raise anything
            raise raised(f"on_new_signal, at a score of {score:+.2f},", error) from error
        times.append((time.perf_counter() - began) * 1e6)
        if isinstance(decision, Decision) and (fault := decision.fault(100.0)) is not None:
            raise PluginError(f"on_new_signal at a score of {score:+.2f}: {fault}")
    median, most = statistics.median(times), sorted(times)[round(CALLS * 0.99)]
    if most > COST_US_MAX:
        said = f"{median:,.0f} us, at p99 {most:,.0f} us, for which a live node's loop waits; do less at a signal"
        raise CheckError(said)
    return f"{median:,.1f} us, at p99 {most:,.1f} us"
