"""The market as the guard reads it from Nautilus's cache: the newest price of the best data, its age and its step."""

from math import isnan

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.identifiers import InstrumentId

from catalog.instruments import instrument_for
from sagetrade_nautilus.guard.book import Market
from sagetrade_nautilus.guard.market import read_market
from tests.support.engine import BTC, MINUTE, SECOND, START, bars, trades

ID = InstrumentId.from_str(BTC)


@pytest.fixture
def cache() -> Cache:
    made = Cache()
    made.add_instrument(instrument_for(BTC))
    return made


def _quote(bid: float, ask: float, ts: int) -> QuoteTick:
    instrument = instrument_for(BTC)
    size = instrument.make_qty(1)
    return QuoteTick(ID, instrument.make_price(bid), instrument.make_price(ask), size, size, ts, ts)


def _read(cache: Cache, now: int) -> Market:
    return read_market(cache, ID, now)


def test_without_data_no_price_is_known(cache: Cache) -> None:
    assert isnan(_read(cache, START).price)


def test_the_last_trade_counts_with_its_age_and_its_step(cache: Cache) -> None:
    for tick in trades([100.0, 110.0]):
        cache.add_trade_tick(tick)
    market = _read(cache, START + 5 * SECOND)
    assert (market.price, market.age_s, market.crossed) == (110.0, 3.0, False)
    assert market.jump_pct == pytest.approx(10.0)


def test_a_step_down_counts_like_one_up(cache: Cache) -> None:
    for tick in trades([100.0, 90.0]):
        cache.add_trade_tick(tick)
    assert _read(cache, START).jump_pct == pytest.approx(10.0)


def test_the_first_price_is_no_step(cache: Cache) -> None:
    cache.add_trade_tick(trades([100.0])[0])
    assert _read(cache, START).jump_pct == 0.0


def test_a_step_from_nothing_is_no_number(cache: Cache) -> None:
    for tick in trades([0.0, 100.0]):
        cache.add_trade_tick(tick)
    assert isnan(_read(cache, START).jump_pct)


def test_without_trades_the_middle_of_the_quote_counts(cache: Cache) -> None:
    cache.add_bar(bars([90.0])[0])
    cache.add_quote_tick(_quote(99.0, 101.0, START))
    assert _read(cache, START + SECOND) == Market(100.0, 1.0, 0.0, crossed=False)


def test_with_trades_a_quote_tells_only_whether_the_market_is_crossed(cache: Cache) -> None:
    cache.add_trade_tick(trades([100.0])[0])
    cache.add_quote_tick(_quote(103.0, 101.0, START))
    assert _read(cache, START + SECOND) == Market(100.0, 0.0, 0.0, crossed=True)


@pytest.mark.parametrize(("bid", "ask", "crossed"), [(99.0, 101.0, False), (100.0, 100.0, False), (101.0, 99.0, True)])
def test_a_market_is_crossed_where_the_bid_lies_above_the_ask(
    cache: Cache, bid: float, ask: float, crossed: bool
) -> None:
    cache.add_quote_tick(_quote(bid, ask, START))
    assert _read(cache, START).crossed is crossed


def test_without_ticks_the_last_closes_count(cache: Cache) -> None:
    for bar in bars([100.0, 125.0]):
        cache.add_bar(bar)
    assert _read(cache, START + 12 * MINUTE) == Market(125.0, 120.0, 25.0)
