"""The limits on prices and markets, each on both sides of its threshold, and at it."""

from math import inf, nan

import pytest

from sagetrade_nautilus.guard.gate.book import Book, Moment
from sagetrade_nautilus.guard.gate.limits.market import (
    MaxClockDrift,
    MaxPriceAge,
    MaxPriceJumpPct,
    MaxSlippageBps,
    MaxSpreadBps,
    PriceCollar,
    SoundPrice,
    UncrossedMarket,
)
from sagetrade_nautilus.model.market import Market
from tests.support.limits import NOW, denies, proposed


@pytest.mark.parametrize("price", [nan, inf, -inf, 0.0, -1.0])
def test_a_price_that_is_none_denies(price: float) -> None:
    assert denies(SoundPrice(), market=Market(price))
    assert denies(SoundPrice(), proposed(price))
    assert denies(SoundPrice(), proposed(named_prices=(10.0, price)))


def test_a_crossed_market_denies() -> None:
    assert denies(UncrossedMarket(), market=Market(10.0, crossed=True))


@pytest.mark.parametrize(("age_s", "denied"), [(0.0, False), (60.0, False), (60.001, True), (nan, True), (inf, True)])
def test_an_old_price_denies(age_s: float, denied: bool) -> None:
    assert denies(MaxPriceAge(60.0), market=Market(10.0, age_s)) is denied


@pytest.mark.parametrize(("age", "denied"), [(-1.0, False), (-1.001, True), (900.0, False)])
def test_a_price_from_the_future_says_that_our_clock_was_set_back(age: float, denied: bool) -> None:
    assert denies(MaxClockDrift(1000.0), market=Market(10.0, age)) is denied


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("drift", "denied"), [(0.0, False), (1000.0, False), (1000.1, True), (60_000.0, True)])
def test_clocks_that_differ_deny_either_way(sign: float, drift: float, denied: bool) -> None:
    assert denies(MaxClockDrift(1000.0), market=Market(10.0, drift_ms=sign * drift)) is denied


@pytest.mark.parametrize(("jump", "denied"), [(0.0, False), (20.0, False), (20.01, True), (nan, True), (inf, True)])
def test_a_spike_denies(jump: float, denied: bool) -> None:
    assert denies(MaxPriceJumpPct(20.0), market=Market(10.0, 0.0, jump)) is denied


@pytest.mark.parametrize(("spread", "denied"), [(nan, False), (0.0, False), (100.0, False), (100.1, True), (inf, True)])
def test_a_wide_spread_denies(spread: float, denied: bool) -> None:
    assert denies(MaxSpreadBps(100.0), market=Market(10.0, spread_bps=spread)) is denied


@pytest.mark.parametrize(("slipped", "denied"), [(0.0, False), (50.0, False), (50.1, True), (nan, True)])
def test_fills_that_were_much_worse_deny(slipped: float, denied: bool) -> None:
    now = Moment(NOW, Book(1000.0, 0, {}), Market(10.0), slippage_bps=slipped)
    assert bool(MaxSlippageBps(50.0).check(proposed(), now)) is denied


@pytest.mark.parametrize(("price", "denied"), [(11.0, False), (11.01, True), (9.0, False), (8.99, True)])
def test_a_named_price_lies_within_the_collar(price: float, denied: bool) -> None:
    limit = PriceCollar(10.000001)
    assert denies(limit, proposed(named_prices=(10.0, price))) is denied


def test_a_named_price_at_the_edge_of_the_collar_passes() -> None:
    assert not denies(PriceCollar(50.0), proposed(named_prices=(15.0,)))
