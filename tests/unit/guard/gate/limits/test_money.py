"""The limits on money, each on both sides of its threshold, and at it."""

from math import inf, nan

import pytest

from sagetrade_nautilus.guard.gate.book import Book, Moment
from sagetrade_nautilus.guard.gate.limits import Limit
from sagetrade_nautilus.guard.gate.limits.money import (
    KnownEquity,
    MaxClusterExposurePct,
    MaxExposurePct,
    MaxNetExposurePct,
    MaxOpenTrades,
    MaxOrderNotional,
    MaxOrderNotionalPct,
    MaxOrderQuantity,
    MaxSymbolExposurePct,
    NoShortSale,
)
from sagetrade_nautilus.model.market import Market
from tests.support.limits import NOW, denies, moment, proposed


@pytest.mark.parametrize("worth", [nan, inf, -inf, 0.0, -5.0])
def test_nothing_leaves_while_the_equity_is_unknown(worth: float) -> None:
    assert denies(KnownEquity(), equity=worth)


@pytest.mark.parametrize(
    ("sells", "may_short", "denied"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_cash_account_does_not_sell_short(sells: bool, may_short: bool, denied: bool) -> None:
    assert denies(NoShortSale(), proposed(sells=sells), may_short=may_short) is denied


@pytest.mark.parametrize(("symbol", "denied"), [("BTC/USD.ALPACA", True), ("AAPL.ALPACA", False)])
def test_nobody_sells_coins_short_that_a_venue_does_not_lend(symbol: str, denied: bool) -> None:
    assert denies(NoShortSale(), proposed(symbol=symbol, sells=True), may_short=True) is denied
    assert not denies(NoShortSale(), proposed(symbol=symbol), may_short=True)


@pytest.mark.parametrize(("held", "denied"), [(0, False), (2, False), (3, True), (9, True)])
def test_the_trade_that_would_exceed_the_count_is_denied(held: int, denied: bool) -> None:
    assert denies(MaxOpenTrades(3), open_trades=held) is denied


@pytest.mark.parametrize(("size", "denied"), [(3.0, False), (3.0001, True), (nan, True)])
def test_one_order_is_no_larger_than_its_instrument_allows(size: float, denied: bool) -> None:
    limit = MaxOrderQuantity({"A.V": 3.0})
    assert denies(limit, proposed(quantity=size)) is denied
    assert not denies(limit, proposed(symbol="B.V", quantity=3.0001))


@pytest.mark.parametrize(("notional", "denied"), [(500.0, False), (500.01, True)])
def test_one_order_is_worth_no_more_than_the_amount(notional: float, denied: bool) -> None:
    assert denies(MaxOrderNotional(500.0), proposed(notional)) is denied


@pytest.mark.parametrize(("notional", "denied"), [(500.0, False), (500.01, True)])
def test_one_order_is_worth_at_most_its_share_of_equity(notional: float, denied: bool) -> None:
    assert denies(MaxOrderNotionalPct(50.0), proposed(notional)) is denied


def test_an_order_whose_worth_is_unknown_denies() -> None:
    assert denies(MaxOrderNotionalPct(50.0), proposed(nan))


@pytest.mark.parametrize(("notional", "denied"), [(200.0, False), (200.01, True)])
def test_symbol_exposure_counts_what_is_held(notional: float, denied: bool) -> None:
    held = {"A.V": 300.0, "B.V": 5000.0}
    assert denies(MaxSymbolExposurePct(50.0), proposed(notional), exposures=held) is denied


@pytest.mark.parametrize(("notional", "denied"), [(400.0, False), (400.01, True)])
def test_a_clusters_exposure_counts_what_moves_together(notional: float, denied: bool) -> None:
    book = Book(1000.0, 0, {"A.V": 50.0, "B.V": 50.0, "C.V": 5000.0})
    now = Moment(NOW, book, Market(10.0), cluster=frozenset({"A.V", "B.V"}))
    assert bool(MaxClusterExposurePct(50.0).check(proposed(notional), now)) is denied


@pytest.mark.parametrize(("notional", "denied"), [(400.0, False), (400.01, True)])
def test_exposure_counts_every_symbol(notional: float, denied: bool) -> None:
    held = {"A.V": 300.0, "B.V": 300.0}
    assert denies(MaxExposurePct(100.0), proposed(notional, "C.V"), exposures=held) is denied


@pytest.mark.parametrize(
    ("net", "sells", "denied"),
    [(400.0, False, False), (400.01, False, True), (400.01, True, False), (-400.0, True, False), (-400.01, True, True)],
)
def test_net_exposure_counts_shorts_against_longs(net: float, sells: bool, denied: bool) -> None:
    assert denies(MaxNetExposurePct(50.0), proposed(100.0, sells=sells), net=net) is denied


@pytest.mark.parametrize("limit", [MaxSymbolExposurePct(50.0), MaxExposurePct(50.0), MaxNetExposurePct(50.0)])
def test_an_exposure_that_is_unknown_denies(limit: Limit) -> None:
    assert denies(limit, exposures={"A.V": nan}, net=nan)


def test_a_denial_names_limit_value_and_threshold() -> None:
    assert str(MaxOpenTrades(3).check(proposed(), moment(open_trades=3))) == "max_open_trades: 4 against 3"
