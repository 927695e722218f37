"""Instruments: known ones, defined ones, and those that are refused."""

from decimal import Decimal

import pytest
from nautilus_trader.model.instruments import CurrencyPair, Equity

from catalog.instruments import Definition, definition_of, instrument_for, parse_instrument_id, subject_of
from sagetrade_nautilus.errors import DataError


@pytest.mark.parametrize(("name", "size"), [("BTCUSDT.BINANCE", 5), ("ETHUSDT.BINANCE", 4)])
def test_binance_spot_pairs_have_the_precisions_of_the_exchange(name, size):
    pair = instrument_for(name)
    assert isinstance(pair, CurrencyPair)
    assert (pair.price_precision, pair.size_precision) == (2, size)
    assert pair.min_notional.as_decimal() == 5


def test_a_share_on_a_known_exchange_is_an_equity_in_whole_shares():
    share = instrument_for("SPY.ARCA")
    assert isinstance(share, Equity)
    assert (share.price_precision, share.size_precision) == (2, 0)


def test_a_share_whose_ticker_ends_like_a_coin_is_no_pair():
    assert isinstance(instrument_for("GBTC.ARCA"), Equity)
    assert subject_of(parse_instrument_id("GBTC.ARCA"), "USD") == "GBTC"


@pytest.mark.parametrize(
    ("name", "currency", "subject"),
    [
        ("BTCUSDT.BINANCE", "USDT", "BTC"),
        ("BTC/USD.ALPACA", "USD", "BTC"),
        ("BTCTRY.BINANCE", "TRY", "BTC"),
        ("DOTUSD.X", "USD", "DOT"),
        ("BTC-PERP.FTX", "USD", "BTC"),
    ],
)
def test_texts_speak_of_what_is_bought_whatever_it_is_paid_in(name, currency, subject):
    assert subject_of(parse_instrument_id(name), currency) == subject


def test_fees_are_given_in_basis_points():
    pair = instrument_for("BTCUSDT.BINANCE", maker_fee_bps=1.5, taker_fee_bps=10)
    assert (pair.maker_fee, pair.taker_fee) == (Decimal("0.00015"), Decimal("0.001"))


@pytest.mark.parametrize(
    ("name", "quote", "expected"),
    [
        ("SOLUSDT.BINANCE", None, ("SOL", "USDT")),
        ("BTC-PERP.FTX", "USD", ("BTC", "USD")),
        ("ETH/EUR.X", None, ("ETH", "EUR")),
        ("BTC/USD.ALPACA", None, ("BTC", "USD")),
        ("DOTUSD.X", None, ("DOT", "USD")),
        ("BNBUSD.X", None, ("BNB", "USD")),
        ("BNBBUSD.X", None, ("BNB", "BUSD")),
        ("XYZTUSD.X", None, ("XYZ", "TUSD")),
    ],
)
def test_a_defined_pair_takes_its_currencies_from_its_symbol(name, quote, expected):
    definition = Definition(price_precision=3, size_precision=2, quote=quote)
    pair = instrument_for(name, definition)
    assert (pair.base_currency.code, pair.quote_currency.code) == expected
    assert instrument_for(name, definition_of(pair)) == pair


@pytest.mark.parametrize(
    ("name", "definition", "reason"),
    [
        ("garbage", None, "write SYMBOL.VENUE"),
        ("A B.X", None, "write SYMBOL.VENUE"),
        ("../../etc.X", None, "write SYMBOL.VENUE"),
        ("SOLUSDT.BINANCE", None, "is not known: define it on import with --price-precision"),
        ("BTC/USD.ALPACA", None, "is not known: define it on import with --price-precision"),
        (
            "BTCUSDT.BINANCE",
            Definition(price_precision=3, size_precision=5),
            "has --price-precision 2, not 3",
        ),
        (
            "SOLUSDT.X",
            Definition(price_precision=17, size_precision=5),
            r"--price-precision must lie in \[0, 16\]",
        ),
        ("ABC.X", Definition(price_precision=2, size_precision=3), "trades in whole shares"),
    ],
)
def test_what_cannot_be_built_is_refused(name, definition, reason):
    with pytest.raises(DataError, match=reason):
        instrument_for(name, definition)


@pytest.mark.parametrize("text", ["BTC.\u017f", "BTC.K\u212a", "B\u0130.A"])
def test_letters_that_only_look_like_ascii_make_no_name(text):
    with pytest.raises(DataError, match=r"write SYMBOL\.VENUE"):
        parse_instrument_id(text)
