"""Each limit on both sides of its threshold, and at it."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.book import Book, Proposal
from sagetrade_nautilus.guard.limits import (
    KnownEquity,
    MaxDailyLossPct,
    MaxExposurePct,
    MaxOpenTrades,
    MaxSymbolExposurePct,
    standard_limits,
)


def _book(**changes: object) -> Book:
    fields: dict[str, object] = {
        "equity": 1000.0,
        "day_start_equity": 1000.0,
        "open_trades": 0,
        "exposures": {},
    }
    return Book(**{**fields, **changes})  # type: ignore[arg-type]


def _order(notional: float = 100.0, symbol: str = "A.V") -> Proposal:
    return Proposal(symbol=symbol, notional=notional)


@pytest.mark.parametrize(("equity", "denied"), [(970.01, False), (970.0, True), (969.9, True), (1200.0, False)])
def test_the_daily_loss_denies_from_its_threshold_on(equity: float, denied: bool) -> None:
    assert bool(MaxDailyLossPct(3.0).check(_order(), _book(equity=equity))) is denied


@pytest.mark.parametrize(("held", "denied"), [(0, False), (2, False), (3, True), (9, True)])
def test_the_trade_that_would_exceed_the_count_is_denied(held: int, denied: bool) -> None:
    assert bool(MaxOpenTrades(3).check(_order(), _book(open_trades=held))) is denied


@pytest.mark.parametrize(("notional", "denied"), [(200.0, False), (200.01, True)])
def test_symbol_exposure_counts_what_is_held(notional: float, denied: bool) -> None:
    book = _book(exposures={"A.V": 300.0, "B.V": 5000.0})
    assert bool(MaxSymbolExposurePct(50.0).check(_order(notional), book)) is denied


@pytest.mark.parametrize(("notional", "denied"), [(400.0, False), (400.01, True)])
def test_exposure_counts_every_symbol(notional: float, denied: bool) -> None:
    book = _book(exposures={"A.V": 300.0, "B.V": 300.0})
    assert bool(MaxExposurePct(100.0).check(_order(notional, "C.V"), book)) is denied


@pytest.mark.parametrize("worth", [nan, inf, -inf, 0.0, -5.0])
def test_nothing_leaves_while_the_equity_is_unknown(worth: float) -> None:
    assert KnownEquity().check(_order(), _book(equity=worth))
    assert KnownEquity().check(_order(), _book(day_start_equity=worth))


@pytest.mark.parametrize("notional", [nan, inf, -1.0])
def test_nothing_leaves_without_a_price(notional: float) -> None:
    assert KnownEquity().check(_order(notional), _book())


def test_a_denial_names_limit_value_and_threshold() -> None:
    denial = MaxOpenTrades(3).check(_order(), _book(open_trades=3))
    assert str(denial) == "max_open_trades: 4 against 3"


@given(
    st.floats(1.0, 1e6),
    st.lists(st.tuples(st.sampled_from(["A.V", "B.V", "C.V"]), st.floats(0.0, 1e6)), max_size=12),
)
def test_whatever_leaves_keeps_every_threshold(equity: float, wishes: list[tuple[str, float]]) -> None:
    config = LimitConfig(max_open_trades=5, max_exposure_pct=80.0, max_symbol_exposure_pct=30.0)
    limits = standard_limits(config)
    book = _book(equity=equity, day_start_equity=equity)
    for symbol, notional in wishes:
        order = _order(notional, symbol)
        if not any(limit.check(order, book) for limit in limits):
            book = book.after(order)
    slack = 1 + 1e-9
    assert book.open_trades <= 5
    assert sum(book.exposures.values()) <= equity * 0.8 * slack
    assert all(value <= equity * 0.3 * slack for value in book.exposures.values())
