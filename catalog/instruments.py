"""Nautilus instruments for the markets that SageTrade knows, and for those that a user defines."""

import re
from dataclasses import dataclass
from decimal import Decimal

from nautilus_trader.model.currencies import USD
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import CurrencyPair, Equity, Instrument
from nautilus_trader.model.objects import Currency, Money, Price, Quantity

from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.text.entity_table import COINS

EQUITY_VENUES = frozenset({"ARCA", "ARCX", "NASDAQ", "XNAS", "NYSE", "XNYS", "AMEX", "XASE", "BATS", "IEX", "ALPACA"})
QUOTE_CURRENCIES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "GBP", "JPY", "BTC", "ETH", "BNB")

_ID = re.compile(r"[A-Z0-9][A-Z0-9/_\-.]*\.[A-Z][A-Z0-9_]*", re.IGNORECASE | re.ASCII)
_MAX_PRECISION = 16
_COINS = frozenset(coin.symbol for coin in COINS)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What must be known of a market to store and trade it.

    Parameters
    ----------
    price_precision, size_precision : int
        Decimals of prices and of quantities, in [0, 16].
    quote : str, optional
        The currency that prices are in. Without it the symbol must end with one (BTCUSDT), or it is an
        equity.
    min_notional : str, optional
        The smallest order, in the quote currency.
    """

    price_precision: int
    size_precision: int
    quote: str | None = None
    min_notional: str | None = None


KNOWN: dict[str, Definition] = {
    "BTCUSDT.BINANCE": Definition(price_precision=2, size_precision=5, quote="USDT", min_notional="5"),
    "ETHUSDT.BINANCE": Definition(price_precision=2, size_precision=4, quote="USDT", min_notional="5"),
}


def parse_instrument_id(text: str) -> InstrumentId:
    """Return `text` ('BTCUSDT.BINANCE') as an instrument id.

    Raises
    ------
    DataError
        `text` is not SYMBOL.VENUE.
    """
    if not _ID.fullmatch(text):
        raise DataError(f"instrument {text!r}: write SYMBOL.VENUE, such as BTCUSDT.BINANCE or SPY.ARCA")
    return InstrumentId.from_str(text)


def instrument_for(
    instrument_id: str,
    definition: Definition | None = None,
    *,
    maker_fee_bps: float = 0.0,
    taker_fee_bps: float = 0.0,
) -> Instrument:
    """Build the instrument `instrument_id`.

    Parameters
    ----------
    instrument_id : str
        'SYMBOL.VENUE'.
    definition : Definition, optional
        For a market that is neither in `KNOWN` nor an equity of `EQUITY_VENUES`.
    maker_fee_bps, taker_fee_bps : float
        Fees in basis points of the notional. They are a property of the run, so the catalog keeps them at 0.

    Raises
    ------
    DataError
        The id is malformed, the market is unknown and not defined, or `definition` contradicts the known one.
    """
    identity = parse_instrument_id(instrument_id)
    known = _known(identity)
    if known is not None and definition is not None:
        _check_agreement(instrument_id, definition, known)
    chosen = known or definition
    if chosen is None:
        raise DataError(
            f"instrument {instrument_id} is not known: define it on import with --price-precision N "
            "--size-precision N (and --quote CURRENCY where the symbol does not end with it)"
        )
    fees = (Decimal(str(maker_fee_bps)) / 10_000, Decimal(str(taker_fee_bps)) / 10_000)
    quote = _pair_quote(identity, chosen)
    if quote is None:
        return _equity(identity, chosen, fees)
    return _currency_pair(identity, chosen, quote, fees)


def definition_of(instrument: Instrument) -> Definition:
    """Return the definition that `instrument` was built from."""
    floor = instrument.min_notional
    return Definition(
        price_precision=instrument.price_precision,
        size_precision=instrument.size_precision,
        quote=None if isinstance(instrument, Equity) else instrument.quote_currency.code,
        min_notional=str(floor.as_decimal().normalize()) if floor else None,
    )


def quote_of(instrument_id: str, definition: Definition | None = None) -> str | None:
    """Return the currency of a market's prices; ``None`` where neither its definition nor its name tells.

    Raises
    ------
    DataError
        The id is malformed.
    """
    identity = parse_instrument_id(instrument_id)
    chosen = _known(identity) or definition
    return _pair_quote(identity, chosen) or (USD.code if chosen else None)


def is_share(instrument_id: InstrumentId) -> bool:
    """Tell whether an instrument of no further definition is a share: one of `EQUITY_VENUES`, and no pair."""
    return instrument_id.venue.value in EQUITY_VENUES and "/" not in instrument_id.symbol.value


def subject_of(instrument_id: InstrumentId, currency: str) -> str:
    """Return what texts call an instrument that is priced in `currency`: 'BTC' for 'BTCTRY.X', 'SPY' for 'SPY.ARCA'."""
    symbol: str = instrument_id.symbol.value
    return symbol if is_share(instrument_id) else _base_of(symbol, currency)


def trades_around_the_clock(instrument: Instrument) -> bool:
    """Tell whether the market has no sessions, so that every missing bar is a gap."""
    return not isinstance(instrument, Equity)


def _known(identity: InstrumentId) -> Definition | None:
    """Return the definition of a market that needs none from the user."""
    share = Definition(price_precision=2, size_precision=0) if is_share(identity) else None
    return KNOWN.get(identity.value, share)


def _check_agreement(instrument_id: str, given: Definition, known: Definition) -> None:
    for name in ("price_precision", "size_precision"):
        if getattr(given, name) != getattr(known, name):
            flag = f"--{name.replace('_', '-')}"
            raise DataError(
                f"instrument {instrument_id} has {flag} {getattr(known, name)}, not {getattr(given, name)}: "
                f"leave the flag out; --round takes data with more decimals"
            )


def _pair_quote(identity: InstrumentId, definition: Definition | None) -> str | None:
    """Return the second currency of a pair, ``None`` for what is none or does not say: GBTC.ARCA is a share."""
    if definition is not None and definition.quote:
        return definition.quote
    symbol: str = identity.symbol.value
    if is_share(identity):
        return None
    fits = [code for code in QUOTE_CURRENCIES if symbol.endswith(code) and symbol != code]
    told = (code for code in fits if _base_of(symbol, code) in _COINS)  # DOTUSD is no DO in TUSD
    return next(told, fits[0] if fits else None)


def _base_of(symbol: str, quote: str) -> str:
    base = re.sub(r"[-_/]?(PERP|SWAP)$", "", symbol)
    base = base.removesuffix(quote) or base
    return base.rstrip("-_/")


def _precise(definition: Definition) -> None:
    for name in ("price_precision", "size_precision"):
        if not 0 <= getattr(definition, name) <= _MAX_PRECISION:
            raise DataError(f"--{name.replace('_', '-')} must lie in [0, {_MAX_PRECISION}]")


def _increment(precision: int) -> str:
    return "1" if precision == 0 else f"0.{'0' * (precision - 1)}1"


def _currency_pair(
    identity: InstrumentId, definition: Definition, quote: str, fees: tuple[Decimal, Decimal]
) -> CurrencyPair:
    _precise(definition)
    currency = Currency.from_str(quote)
    step = Quantity.from_str(_increment(definition.size_precision))
    floor = definition.min_notional
    return CurrencyPair(
        instrument_id=identity,
        raw_symbol=identity.symbol,
        base_currency=Currency.from_str(_base_of(identity.symbol.value, quote)),
        quote_currency=currency,
        price_precision=definition.price_precision,
        size_precision=definition.size_precision,
        price_increment=Price.from_str(_increment(definition.price_precision)),
        size_increment=step,
        min_quantity=step,
        min_notional=Money(Decimal(floor), currency) if floor else None,
        maker_fee=fees[0],
        taker_fee=fees[1],
        ts_event=0,
        ts_init=0,
    )


def _equity(identity: InstrumentId, definition: Definition, fees: tuple[Decimal, Decimal]) -> Equity:
    _precise(definition)
    if definition.size_precision:
        raise DataError(
            f"instrument {identity}: an equity trades in whole shares (--size-precision 0); "
            "for a currency pair name the currency of its prices with --quote"
        )
    return Equity(
        instrument_id=identity,
        raw_symbol=identity.symbol,
        currency=USD,
        price_precision=definition.price_precision,
        price_increment=Price.from_str(_increment(definition.price_precision)),
        lot_size=Quantity.from_int(1),
        maker_fee=fees[0],
        taker_fee=fees[1],
        ts_event=0,
        ts_init=0,
    )
