"""Binance's bars close where the next one opens."""

from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.adapters.binance.common.schemas.market import BinanceKline
from nautilus_trader.model.data import BarType

from adapters.binance.data import plain

MINUTES_UNTIL_2100 = 68_374_080


@given(st.integers(1, MINUTES_UNTIL_2100))
def test_every_bar_closes_to_the_nanosecond_where_the_next_one_opens(minute: int) -> None:
    closes_ms = minute * 60_000
    kline = BinanceKline(closes_ms - 60_000, "1.0", "1.0", "1.0", "1.0", "1.0", closes_ms - 1, "1", 1, "1", "1", "0")
    said = kline.parse_to_binance_bar(BarType.from_str("BTCUSDT.BINANCE-1-MINUTE-LAST-EXTERNAL"))
    assert plain(said).ts_event == plain(said).ts_init == closes_ms * 1_000_000
