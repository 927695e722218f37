"""`ListAnalyzer` answers every question as Nautilus's own analyzer does."""

from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.analysis.analyzer import PortfolioAnalyzer
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.core.datetime import unix_nanos_to_dt
from nautilus_trader.model.currencies import BTC, USD, USDT
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.objects import Money
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.test_kit.stubs.component import TestComponentStubs
from nautilus_trader.test_kit.stubs.identifiers import TestIdStubs

from sagetrade_nautilus.errors import SageTradeError
from sagetrade_nautilus.run.analyzer import ListAnalyzer, install

CURRENCIES = (USDT, USD, BTC)
SNAPSHOT_SUFFIX = "-1f0c3cc8-9a52-4c39-8e0f-5a8a37b9a9a5"

amounts = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
moments = st.integers(min_value=1, max_value=6).map(lambda day: day * 86_400_000_000_000 + 7)
position_ids = st.builds(
    lambda number, suffix: f"P-{number}{suffix}", st.integers(0, 4), st.sampled_from(["", SNAPSHOT_SUFFIX])
)
trades = st.tuples(
    st.sampled_from(["add_trade", "record_trade"]),
    position_ids,
    st.sampled_from(CURRENCIES),
    amounts,
    st.one_of(st.none(), moments),
)
returns = st.tuples(st.sampled_from(["add_position_return", "add_return"]), moments, amounts)
resets = st.tuples(st.just("reset"))
steps = st.lists(st.one_of(trades, trades, returns, returns, resets), max_size=40)


class Account:
    """An account with the balances and events that statistics read."""

    def __init__(self, closes: list[float], currencies=(USDT,)):
        self.currencies = currencies
        self.events = [
            SimpleNamespace(
                ts_event=day * 86_400_000_000_000,
                balances=[SimpleNamespace(currency=c, total=Money(close, c)) for c in currencies],
            )
            for day, close in enumerate(closes, start=1)
        ]

    def starting_balances(self):
        return {c: Money(1_000, c) for c in self.currencies}

    def balances_total(self):
        return {c: Money(1_100, c) for c in self.currencies}


def portfolio() -> Portfolio:
    clock = TestClock()
    bus = MessageBus(trader_id=TestIdStubs.trader_id(), clock=clock)
    return Portfolio(msgbus=bus, cache=TestComponentStubs.cache(), clock=clock)


def pair() -> tuple[PortfolioAnalyzer, ListAnalyzer]:
    return portfolio().analyzer, install(portfolio())


def play(analyzer: PortfolioAnalyzer, script) -> None:
    for name, *values in script:
        if name == "reset":
            analyzer.reset()
        elif name in ("add_trade", "record_trade"):
            position_id, currency, amount, moment = values
            getattr(analyzer, name)(PositionId(position_id), Money(amount, currency), moment)
        else:
            moment, value = values
            getattr(analyzer, name)(unix_nanos_to_dt(moment), value)


def assert_same_series(left: pd.Series | None, right: pd.Series | None) -> None:
    if left is None or right is None:
        assert left is right
    else:
        pd.testing.assert_series_equal(left, right, check_exact=True)


def outcome(function, *arguments):
    """What a call gives: its value with NaN made comparable, or its error's text."""
    try:
        return repr(function(*arguments))
    except ValueError as error:
        return f"ValueError: {error}"


def assert_same_answers(left: PortfolioAnalyzer, right: PortfolioAnalyzer) -> None:
    for name in ("returns", "position_returns", "portfolio_returns"):
        assert_same_series(getattr(left, name)(), getattr(right, name)())
    assert left.currencies == right.currencies
    for currency in (None, *CURRENCIES):
        assert_same_series(left.realized_pnls(currency), right.realized_pnls(currency))
        unrealized = Money(5, currency or USDT)
        for name in (
            "total_pnl",
            "total_pnl_percentage",
            "get_performance_stats_pnls",
            "get_stats_pnls_formatted",
        ):
            for arguments in ((currency,), (currency, unrealized)):
                assert outcome(getattr(left, name), *arguments) == outcome(getattr(right, name), *arguments)
    benchmark = pd.Series([0.01, -0.02], index=pd.to_datetime([86_400 * 10**9, 172_800 * 10**9], utc=True))
    assert outcome(left.get_performance_stats_returns_vs_benchmark, benchmark) == outcome(
        right.get_performance_stats_returns_vs_benchmark, benchmark
    )
    for name in (
        "get_performance_stats_returns",
        "get_performance_stats_position_returns",
        "get_performance_stats_portfolio_returns",
        "get_performance_stats_general",
        "get_stats_returns_formatted",
        "get_stats_position_returns_formatted",
        "get_stats_portfolio_returns_formatted",
        "get_stats_general_formatted",
    ):
        assert outcome(getattr(left, name)) == outcome(getattr(right, name))


@given(steps)
def test_any_sequence_of_trades_returns_and_resets_gives_the_same_answers(script):
    plain, listed = pair()
    play(plain, script)
    play(listed, script)
    assert_same_answers(plain, listed)


@given(
    before=steps,
    closed=st.lists(st.tuples(position_ids, st.sampled_from(CURRENCIES), amounts, moments), max_size=12),
    closes=st.lists(st.floats(min_value=1, max_value=1e6), max_size=6),
    currencies=st.sampled_from([(USDT,), (USDT, BTC)]),
    after=steps,
)
def test_calculate_statistics_gives_the_same_answers_before_and_after_more_trades(
    before, closed, closes, currencies, after
):
    positions = [
        SimpleNamespace(
            id=PositionId(position_id),
            realized_pnl=Money(amount, currency),
            realized_return=amount / 1e6,
            ts_last=moment,
            ts_closed=moment if amount > -5e5 else 0,
            is_long=True,
            entry=1,
        )
        for position_id, currency, amount, moment in closed
    ]
    positions.append(SimpleNamespace(id=PositionId("P-E"), realized_pnl=None, is_long=False, entry=2))
    answers = pair()
    for analyzer in answers:
        analyzer.deregister_statistic(analyzer.statistic("Long Ratio"))
        play(analyzer, before)
        analyzer.calculate_statistics(Account(closes, currencies), positions)
    assert_same_answers(*answers)
    for analyzer in answers:
        play(analyzer, after)
    assert_same_answers(*answers)


def test_returns_at_one_moment_are_summed():
    _, listed = pair()
    for value in (0.25, 0.5):
        listed.add_position_return(unix_nanos_to_dt(10), value)
    assert listed.position_returns().to_list() == [0.75]


def test_a_recorded_trade_hides_its_snapshot():
    _, listed = pair()
    listed.add_trade(PositionId(f"P-1{SNAPSHOT_SUFFIX}"), Money(3, USDT), 7)
    listed.record_trade(PositionId("P-1"), Money(3, USDT), 7)
    assert listed.realized_pnls(USDT).to_list() == [3.0]


def test_install_keeps_the_registered_statistics():
    held = portfolio()
    before = dict(held.analyzer._statistics)
    assert install(held) is held.analyzer
    assert held.analyzer._statistics == before


def test_install_twice_keeps_what_was_recorded():
    held = portfolio()
    install(held).record_trade(PositionId("P-1"), Money(3, USDT), 7)
    assert install(held).realized_pnls(USDT).to_list() == [3.0]


def test_install_refuses_an_analyzer_that_has_seen_trades():
    held = portfolio()
    held.analyzer.record_trade(PositionId("P-1"), Money(3, USDT), 7)
    with pytest.raises(SageTradeError, match="before the run"):
        install(held)


def test_install_refuses_an_analyzer_of_another_class():
    class Other(PortfolioAnalyzer):
        pass

    held = portfolio()
    held.analyzer.__class__ = Other
    with pytest.raises(SageTradeError, match="Other"):
        install(held)


@pytest.mark.parametrize("change", [lambda s: s.pop("_positions"), lambda s: s.update(_trades=[])])
def test_install_refuses_internals_that_it_does_not_know(change):
    held = portfolio()
    change(vars(held.analyzer))
    with pytest.raises(SageTradeError, match=r"_positions|_trades"):
        install(held)
