"""The one reader of prices from Nautilus's cache, for sizes, exposures, equity and limits alike."""

from math import inf, nan

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.core.rust.model import AggregationSource
from nautilus_trader.model.data import Bar, BarType, QuoteTick, TradeTick
from nautilus_trader.model.enums import PriceType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.model.market import Market
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND, NANOS_PER_SECOND

UNKNOWN = Market(price=nan, age_s=inf)


class Prices:
    """What is known of each instrument at one moment. Each is read once, so all who ask get the same answer.

    Parameters
    ----------
    cache : CacheFacade
        Nautilus's cache.
    now_ns : int
        The moment, in UNIX nanoseconds. Make a new one for each command.
    bar_types : dict of InstrumentId to BarType, optional
        Where the bar type of each instrument is kept from one moment to the next: to ask the cache for it takes more
        than all else.
    """

    __slots__ = ("_bar_types", "_cache", "_known", "_now_ns")

    def __init__(self, cache: CacheFacade, now_ns: int, bar_types: dict[InstrumentId, BarType] | None = None) -> None:
        self._cache = cache
        self._bar_types = {} if bar_types is None else bar_types
        self._now_ns = now_ns
        self._known: dict[InstrumentId, Market] = {}

    def last(self, instrument_id: InstrumentId) -> float:
        """Return the last price, NaN if none is known."""
        return self.market(instrument_id).price

    def market(self, instrument_id: InstrumentId) -> Market:
        """Return the newest price of an instrument: of its last trade, quote (the middle) or bar (the close).

        None is known as long as the last of any of these is not above zero: whatever sends such a price is not sound.
        """
        known = self._known.get(instrument_id)
        if known is None:
            known = self._known[instrument_id] = self._read(instrument_id)
        return known

    def are_sound(self, max_jump_pct: float) -> bool:
        """Return whether every price that was asked for is known, not crossed, and no leap beyond `max_jump_pct`."""
        for market in self._known.values():  # no generator: this is asked at every price
            if not (market.price > 0.0 and not market.crossed and market.jump_pct <= max_jump_pct):
                return False
        return True

    def _read(self, instrument_id: InstrumentId) -> Market:
        cache = self._cache
        trade: TradeTick | None = cache.trade_tick(instrument_id)
        quote: QuoteTick | None = cache.quote_tick(instrument_id)
        bar_type = self._bar_types.get(instrument_id) or self._find_bar_type(instrument_id)
        bar: Bar | None = None if bar_type is None else cache.bar(bar_type)
        latest: TradeTick | QuoteTick | Bar | None = None
        price = bid = ask = nan
        if trade is not None:
            price = trade.price.as_double()
            if not price > 0.0:
                return UNKNOWN
            latest, look, key = trade, cache.trade_tick, instrument_id
        if quote is not None:
            bid, ask = quote.bid_price.as_double(), quote.ask_price.as_double()
            if not bid + ask > 0.0:
                return UNKNOWN
            if latest is None or quote.ts_init > latest.ts_init:
                price = (bid + ask) / 2.0
                latest, look, key = quote, cache.quote_tick, instrument_id
        if bar is not None:
            close = bar.close.as_double()
            if not close > 0.0:
                return UNKNOWN
            if latest is None or bar.ts_init > latest.ts_init:
                price = close
                latest, look, key = bar, cache.bar, bar_type
        if latest is None:
            return UNKNOWN
        before = look(key, 1)
        ts_event, ts_init = latest.ts_event, latest.ts_init
        return Market(
            price,
            (self._now_ns - (ts_event if ts_event < ts_init else ts_init)) / NANOS_PER_SECOND,
            0.0 if before is None else _step_pct(_price(before), price),
            bid > ask,
            (ask - bid) / (bid + ask) * 20_000.0 if bid + ask > 0.0 else nan,
            (ts_init - ts_event) / NANOS_PER_MILLISECOND,
        )

    def _find_bar_type(self, instrument_id: InstrumentId) -> BarType | None:
        types = self._cache.bar_types(instrument_id, PriceType.LAST, AggregationSource.EXTERNAL)
        if not types:
            return None
        found = self._bar_types[instrument_id] = types[0]
        return found


def _price(item: TradeTick | QuoteTick | Bar) -> float:
    if isinstance(item, QuoteTick):
        return float(item.bid_price.as_double() + item.ask_price.as_double()) / 2.0
    price = item.close if isinstance(item, Bar) else item.price
    return float(price.as_double())


def _step_pct(before: float, price: float) -> float:
    return abs(price - before) / before * 100.0 if before > 0.0 else nan
