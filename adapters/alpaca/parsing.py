"""From what Alpaca sends to Nautilus: symbols, times, instruments, bars, trades and quotes. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_DOWN, Decimal
from typing import Final

from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarSpecification, BarType, QuoteTick, TradeTick
from nautilus_trader.model.enums import AggressorSide, BarAggregation, PriceType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TradeId, Venue
from nautilus_trader.model.instruments import CurrencyPair, Equity, Instrument
from nautilus_trader.model.objects import Currency, Price, Quantity

from adapters.alpaca import schemas
from adapters.alpaca.constants import ALPACA
from adapters.alpaca.instruments import FractionalEquity
from sagetrade_nautilus import sizes
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

VENUE: Final = Venue(ALPACA)
STOCK, CRYPTO = "us_equity", "crypto"
DIGITS_MAX: Final = 30
CENT: Final = Price.from_str("0.01")
MINUTE: Final = BarSpecification(1, BarAggregation.MINUTE, PriceType.LAST)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_FRAMES: Final = {
    BarAggregation.MINUTE: ("Min", 59, 60),
    BarAggregation.HOUR: ("Hour", 23, 3_600),
    BarAggregation.DAY: ("Day", 1, 86_400),
    BarAggregation.WEEK: ("Week", 1, 604_800),
}
_SIDES: Final = {"B": AggressorSide.BUYER, "S": AggressorSide.SELLER}


def nanos(text: str) -> int:
    """Return UTC nanoseconds of an RFC 3339 time with up to nine decimals of a second.

    Raises
    ------
    DataError
        It is none, or does not say its offset from UTC.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise DataError(f"Alpaca: {text[:40]!r} is not a time with its offset from UTC")
    whole, decimals, zone = found.groups()
    try:
        moment = datetime.fromisoformat(whole).replace(tzinfo=UTC if zone == "Z" else _offset(zone))
    except ValueError:
        raise DataError(f"Alpaca: {text!r} is not a time") from None
    return int(moment.timestamp()) * NANOS_PER_SECOND + int((decimals or "0").ljust(9, "0"))


def _offset(zone: str) -> timezone:
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return timezone(timedelta(minutes=minutes if zone[0] == "+" else -minutes))


def rfc3339(ns: int) -> str:
    """Return UTC nanoseconds as Alpaca reads them, exactly."""
    seconds, rest = divmod(ns, NANOS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def plain_name(text: str) -> str:
    """Return a name of the venue's in visible ASCII: any other character ends the process within Nautilus."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(letter: str) -> str:
    return letter if letter.isascii() and letter.isprintable() else f"\\u{ord(letter):04x}"


def instrument_id(symbol: str) -> InstrumentId:
    """Return AAPL.ALPACA for 'AAPL' and BTC/USD.ALPACA for 'BTC/USD'."""
    return InstrumentId(Symbol(symbol), VENUE)


def is_pair(symbol: str) -> bool:
    """Tell whether a symbol is of a pair of currencies; symbols of stocks have no slash."""
    return "/" in symbol


def is_crypto(identity: InstrumentId) -> bool:
    """Tell whether the instrument is a pair of currencies."""
    return is_pair(identity.symbol.value)


def is_same(symbol: str, other: str) -> bool:
    """Tell whether two symbols are of one instrument; positions name pairs of currencies without their slash."""
    return symbol.replace("/", "") == other.replace("/", "")


def instrument(asset: schemas.Asset, *, fractional: bool, ts: int) -> Instrument:
    """Return the Nautilus instrument of an asset.

    A stock is traded in whole shares, or with `fractional` in billionths where Alpaca allows it.

    Raises
    ------
    DataError
        It is neither a stock nor a pair of currencies with its increments.
    """
    identity = instrument_id(asset.symbol)
    if asset.kind == CRYPTO:
        return _currency_pair(identity, asset, ts)
    if asset.kind != STOCK:
        raise DataError(f"Alpaca: {asset.symbol} is of class {asset.kind!r}; only stocks and crypto are supported")
    if fractional and asset.fractionable:
        return FractionalEquity(identity, ts)
    return Equity(
        instrument_id=identity,
        raw_symbol=identity.symbol,
        currency=USD,
        price_precision=CENT.precision,
        price_increment=CENT,
        lot_size=Quantity.from_int(1),
        ts_event=ts,
        ts_init=ts,
    )


def _currency_pair(identity: InstrumentId, asset: schemas.Asset, ts: int) -> CurrencyPair:
    base, _, quote = asset.symbol.partition("/")
    if not (base and quote and asset.price_increment and asset.min_trade_increment):
        raise DataError(f"Alpaca: {asset.symbol} comes without its increments")
    tick = Price.from_str(plain(Decimal(asset.price_increment)))
    step = Quantity.from_str(plain(Decimal(asset.min_trade_increment)))
    least = Decimal(asset.min_order_size) if asset.min_order_size else step.as_decimal()
    steps = -(-least // step.as_decimal())  # rounded up: what is traded is a whole number of steps
    return CurrencyPair(
        instrument_id=identity,
        raw_symbol=identity.symbol,
        base_currency=Currency.from_str(base),
        quote_currency=Currency.from_str(quote),
        price_precision=tick.precision,
        size_precision=step.precision,
        price_increment=tick,
        size_increment=step,
        min_quantity=sizes.exact(steps * step.as_decimal(), step.precision),
        ts_event=ts,
        ts_init=ts,
    )


def plain(number: Decimal) -> str:
    """Return a number as Alpaca writes it, without exponent and without zeros at its end: its length is its precision.

    Raises
    ------
    DataError
        It is none, or has more digits than any amount.
    """
    if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX:
        raise DataError(f"Alpaca: {str(number)[:40]} is no amount")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def timeframe(bar_type: BarType) -> tuple[str, int]:
    """Return how Alpaca names the bars of `bar_type` ('5Min'), and how many nanoseconds each lasts.

    Raises
    ------
    DataError
        Alpaca has no such bars.
    """
    spec: BarSpecification = bar_type.spec
    name, step_max, seconds = _FRAMES.get(spec.aggregation, ("", 0, 0))
    if spec.price_type != PriceType.LAST or not 1 <= spec.step <= step_max:
        raise DataError(f"Alpaca has no bars {bar_type}: 1 to 59 minutes, 1 to 23 hours, a day or a week, of trades")
    return f"{spec.step}{name}", spec.step * seconds * NANOS_PER_SECOND


def bars(rows: Iterable[schemas.Bar | schemas.Frame], bar_type: BarType, market: Instrument, ts: int = 0) -> list[Bar]:
    """Return bars whose ``ts_event`` is their close; ``ts_init`` too, or `ts` if that is later."""
    _, length = timeframe(bar_type)
    found = []
    for row in rows:
        closed = nanos(row.t) + length
        prices = (market.make_price(price) for price in (row.o, row.h, row.l, row.c))
        found.append(Bar(bar_type, *prices, _size(row.v, market), closed, max(closed, ts)))
    return found


def minute(frame: schemas.Frame) -> schemas.Bar:
    """Return the bar that a message of the stream holds.

    Raises
    ------
    DataError
        It has no close: what other messages call so is no number.
    """
    if isinstance(frame.c, bool) or not isinstance(frame.c, int | float):
        raise DataError("Alpaca: a bar without its close")
    return schemas.Bar(frame.t, frame.o, frame.h, frame.l, float(frame.c), frame.v)


def trades(rows: Iterable[schemas.Trade | schemas.Frame], market: Instrument, ts: int = 0) -> list[TradeTick]:
    """Return trades; those of less than the smallest quantity of the instrument are left out."""
    found = []
    for row in rows:
        size = _size(row.s, market)
        if size.as_decimal() and row.p > 0:
            at = nanos(row.t)
            side = _SIDES.get(row.tks, AggressorSide.NO_AGGRESSOR)
            number = TradeId(plain_name(f"{row.x}-{row.i}")[-36:])
            found.append(TradeTick(market.id, market.make_price(row.p), size, side, number, at, max(at, ts)))
    return found


def quotes(rows: Iterable[schemas.Quote | schemas.Frame], market: Instrument, ts: int = 0) -> list[QuoteTick]:
    """Return quotes; those without a bid or without an ask are left out."""
    found = []
    for row in rows:
        if row.bp > 0 and row.ap > 0:
            at = nanos(row.t)
            bid, ask = market.make_price(row.bp), market.make_price(row.ap)
            sizes = (_size(row.bs, market), _size(row.ask_size, market))
            found.append(QuoteTick(market.id, bid, ask, *sizes, at, max(at, ts)))
    return found


def _size(value: float, market: Instrument) -> Quantity:
    """Return a quantity rounded down: where whole shares are traded, a part of one is none."""
    step = Decimal(1).scaleb(-market.size_precision)
    return sizes.exact(Decimal(repr(value)).quantize(step, ROUND_DOWN), market.size_precision)
