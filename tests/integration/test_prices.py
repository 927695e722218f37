"""The one reader of prices, on a real cache: the newest of trade, quote and bar, and how far it can be trusted."""

from math import inf, isnan, nan
from pathlib import Path

import pytest
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Price, Quantity

from catalog.instruments import instrument_for
from sagetrade_nautilus.model.market import Market
from sagetrade_nautilus.prices import Prices
from tests.support.engine import BTC, MINUTE, SECOND, START, bars, engine, trades

INSTRUMENT = InstrumentId.from_str(BTC)


def _quote(bid: float, ask: float, ts: int, arrived: int | None = None) -> QuoteTick:
    size = Quantity(1, 5)
    return QuoteTick(INSTRUMENT, Price(bid, 2), Price(ask, 2), size, size, ts, arrived or ts)


def _market(folder: Path, *data: object, now: int) -> Market:
    made = engine(folder)
    cache = made.kernel.cache
    for item in data:
        {"Bar": cache.add_bar, "TradeTick": cache.add_trade_tick, "QuoteTick": cache.add_quote_tick}[
            type(item).__name__
        ](item)
    market = Prices(cache, now).market(INSTRUMENT)
    made.dispose()
    return market


def test_nothing_is_known_before_the_first_price(tmp_path: Path) -> None:
    market = _market(tmp_path, now=START)
    assert isnan(market.price)
    assert market.age_s == inf


def test_the_newest_counts_whatever_kind_it_is(tmp_path: Path) -> None:
    bar, trade = bars([40_000.0])[0], trades([41_000.0])[0]
    quote = _quote(41_999.0, 42_001.0, START + 6 * MINUTE)
    assert _market(tmp_path, trade, now=START + MINUTE).price == 41_000.0
    assert _market(tmp_path, trade, bar, now=START + 6 * MINUTE).price == 40_000.0
    assert _market(tmp_path, quote, trade, bar, now=START + 6 * MINUTE).price == 42_000.0


def test_its_age_is_from_when_it_was_made_or_arrived_whichever_is_longer_ago(tmp_path: Path) -> None:
    late = _quote(40_000.0, 40_000.0, START, START + 3 * SECOND)
    market = _market(tmp_path, late, now=START + 5 * SECOND)
    assert market.age_s == 5.0
    assert market.drift_ms == 3_000.0


def test_the_step_is_from_the_one_before_of_its_kind(tmp_path: Path) -> None:
    assert _market(tmp_path, *bars([40_000.0, 44_000.0]), now=START).jump_pct == 10.0
    assert _market(tmp_path, *bars([40_000.0]), now=START).jump_pct == 0.0


@pytest.mark.parametrize(
    ("bid", "ask", "crossed", "spread"), [(99.0, 101.0, False, 200.0), (101.0, 99.0, True, -200.0)]
)
def test_quotes_tell_the_spread_and_whether_they_cross(
    tmp_path: Path, bid: float, ask: float, crossed: bool, spread: float
) -> None:
    market = _market(tmp_path, _quote(bid, ask, START), now=START)
    assert market.crossed is crossed
    assert market.spread_bps == pytest.approx(spread)


def test_without_quotes_the_spread_is_unknown(tmp_path: Path) -> None:
    assert isnan(_market(tmp_path, *bars([40_000.0]), now=START).spread_bps)


def test_a_source_whose_last_price_is_zero_makes_the_price_unknown(tmp_path: Path) -> None:
    quote = _quote(40_000.0, 40_001.0, START + MINUTE)
    assert isnan(_market(tmp_path, *trades([0.0]), quote, now=START + MINUTE).price)


def test_each_instrument_is_read_once(tmp_path: Path) -> None:
    made = engine(tmp_path)
    made.kernel.cache.add_bar(bars([40_000.0])[0])
    prices = Prices(made.kernel.cache, START)
    before = prices.last(INSTRUMENT)
    made.kernel.cache.add_bar(bars([40_000.0, 50_000.0])[1])
    assert prices.last(INSTRUMENT) == before == 40_000.0
    assert Prices(made.kernel.cache, START).last(INSTRUMENT) == 50_000.0
    made.dispose()


@pytest.mark.parametrize(("closes", "sound"), [([40_000.0, 41_000.0], True), ([40_000.0, 80_000.0], False)])
def test_prices_are_sound_unless_one_of_them_leapt(tmp_path: Path, closes: list[float], sound: bool) -> None:
    made = engine(tmp_path)
    for bar in bars(closes):
        made.kernel.cache.add_bar(bar)
    prices = Prices(made.kernel.cache, START)
    assert prices.are_sound(20.0)
    prices.market(INSTRUMENT)
    assert prices.are_sound(20.0) is sound
    assert not prices.are_sound(nan)
    prices.market(instrument_for("ETHUSDT.BINANCE").id)
    assert not prices.are_sound(1e9)
    made.dispose()
