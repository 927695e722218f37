"""What Alpaca sends as Nautilus's data: exact times, exact numbers, and nothing where there is nothing."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.instruments import CurrencyPair, Equity

from adapters.alpaca import parsing, schemas
from adapters.alpaca.instruments import FractionalEquity
from sagetrade_nautilus.errors import DataError
from tests.support.alpaca_assets import AAPL, BTC, PARTS, STOCK

TIME = "2024-01-02T15:00:00.123456789Z"


@given(st.integers(0, 4_102_444_800_000_000_000))
def test_a_time_comes_back_to_the_nanosecond(ns: int) -> None:
    assert parsing.nanos(parsing.rfc3339(ns)) == ns


@given(
    st.datetimes(pd.Timestamp("1971-01-01"), pd.Timestamp("2200-01-01")),
    st.integers(0, 9),
    st.sampled_from(["Z", "-05:00", "+05:30", "+00:00"]),
)
def test_times_are_read_as_pandas_reads_them(moment: Any, decimals: int, zone: str) -> None:
    text = f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{moment.microsecond:06d}789"[: decimals + 1] if decimals else "") + zone
    assert parsing.nanos(text) == pd.Timestamp(text).as_unit("ns").value


@given(st.text(max_size=40))
def test_what_is_no_time_is_refused(text: str) -> None:
    try:
        assert parsing.nanos(text) >= -(10**20)
    except DataError:
        return
    assert "T" in text


@pytest.mark.parametrize(
    "text",
    ["", "2024-01-02T15:00:00", "2024-01-02", "2024-13-02T15:00:00Z", "2024-02-30T15:00:00Z", "٢024-01-02T15:00:00Z"],
)
def test_a_time_without_an_offset_or_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parsing.nanos(text)


def test_a_stock_is_whole_or_in_billionths_and_a_pair_has_its_increments() -> None:
    assert isinstance(AAPL, Equity)
    assert (AAPL.size_precision, PARTS.size_precision) == (0, 9)
    assert isinstance(PARTS, FractionalEquity)
    assert isinstance(
        parsing.instrument(msgspec.structs.replace(STOCK, fractionable=False), fractional=True, ts=1), Equity
    )
    assert isinstance(BTC, CurrencyPair)
    assert (str(BTC.price_increment), str(BTC.size_increment), str(BTC.min_quantity)) == (
        "0.25",
        "0.000000001",
        "0.000026500",
    )
    assert (BTC.base_currency.code, BTC.quote_currency.code) == ("BTC", "USD")


@pytest.mark.parametrize("change", [{"kind": "us_option"}, {"kind": "crypto"}, {"kind": "crypto", "symbol": "BTCUSD"}])
def test_an_asset_that_cannot_be_traded_here_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(DataError):
        parsing.instrument(msgspec.structs.replace(STOCK, **change), fractional=False, ts=1)


def test_a_bar_is_known_at_its_close() -> None:
    bar_type = BarType.from_str("AAPL.ALPACA-5-MINUTE-LAST-EXTERNAL")
    row = schemas.Bar("2024-01-02T15:00:00Z", 1.0, 2.0, 0.5, 1.5, 7)
    [bar] = parsing.bars([row], bar_type, AAPL)
    assert bar.ts_event == bar.ts_init == parsing.nanos("2024-01-02T15:05:00Z")
    assert [str(value) for value in (bar.open, bar.high, bar.low, bar.close, bar.volume)] == [
        "1.00",
        "2.00",
        "0.50",
        "1.50",
        "7",
    ]
    [late] = parsing.bars([row], bar_type, AAPL, bar.ts_event + 9)
    assert (late.ts_event, late.ts_init) == (bar.ts_event, bar.ts_event + 9)


@pytest.mark.parametrize(
    ("spec", "name"),
    [("1-MINUTE", "1Min"), ("30-MINUTE", "30Min"), ("4-HOUR", "4Hour"), ("1-DAY", "1Day"), ("1-WEEK", "1Week")],
)
def test_bars_are_asked_for_by_alpacas_names(spec: str, name: str) -> None:
    assert parsing.timeframe(BarType.from_str(f"AAPL.ALPACA-{spec}-LAST-EXTERNAL"))[0] == name


def test_trades_have_their_taker_where_alpaca_knows_it() -> None:
    rows = msgspec.json.decode(
        json.dumps(
            [
                {"t": TIME, "p": 1.25, "s": 0.5, "i": 7, "tks": "S"},
                {"t": TIME, "p": 1.25, "s": 0.25, "i": "52983677401155", "tks": "B"},
                {"t": TIME, "p": 1.25, "s": 1, "i": 8, "x": "V", "c": ["@"], "z": "C"},
            ]
        ),
        type=list[schemas.Trade],
    )
    found = parsing.trades(rows, BTC)
    sides = [AggressorSide.SELLER, AggressorSide.BUYER, AggressorSide.NO_AGGRESSOR]
    assert [trade.aggressor_side for trade in found] == sides
    assert [trade.trade_id.value for trade in found] == ["-7", "-52983677401155", "V-8"]
    assert found[0].ts_event == parsing.nanos(TIME)
    assert len(parsing.trades(rows, AAPL)) == 1  # less than a share is no trade in shares


def test_quotes_without_a_side_are_left_out() -> None:
    rows = [schemas.Quote(TIME, bid, 1, ask, 2) for bid, ask in ((1.0, 1.5), (0.0, 1.5), (1.0, 0.0))]
    [quote] = parsing.quotes(rows, AAPL)
    assert (str(quote.bid_price), str(quote.ask_price), str(quote.ask_size)) == ("1.00", "1.50", "2")


def test_a_name_in_other_letters_is_brought_to_ascii_since_it_would_end_the_process() -> None:
    row = schemas.Trade("2024-01-02T15:00:00Z", 1.5, 2.0, 7, "\u00e9\0")
    (trade,) = parsing.trades([row], PARTS)
    assert trade.trade_id.value == "\\u00e9\\u0000-7"
    assert parsing.plain_name("V-7") == "V-7"


@pytest.mark.parametrize("raw", ['"\u00e9"', '"a\\n"', '"a b"', "1"])
def test_an_order_whose_id_is_no_id_is_no_order(raw: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(f'{{"id":{raw},"client_order_id":"x","status":"new"}}', type=schemas.Order)


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "NaN", "Infinity"])
def test_an_amount_that_no_memory_holds_is_none(number: str) -> None:
    with pytest.raises(DataError, match="is no amount"):
        parsing.plain(Decimal(number))


@pytest.mark.parametrize("close", [None, [], "1", True])
def test_a_bar_of_the_stream_without_its_close_is_left_out(close: Any) -> None:
    with pytest.raises(DataError, match="without its close"):
        parsing.minute(schemas.Frame("b", "AAPL", c=close))
    assert parsing.minute(schemas.Frame("b", "AAPL", c=2)).c == 2.0
