"""The one reader of prices from Nautilus's cache, for sizes, exposures, equity and limits alike."""

from collections.abc import Callable
from math import inf, nan

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.core.rust.model import AggregationSource
from nautilus_trader.model.data import BarType, QuoteTick
from nautilus_trader.model.enums import PriceType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.model.market import Market
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND, NANOS_PER_SECOND

UNKNOWN = Market(price=nan, age_s=inf)

type _Seen = tuple[float, int, int]
"""A price, when the venue made it, and when it arrived, in UNIX nanoseconds."""
type _Reader = Callable[[InstrumentId, int], _Seen | None]


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
        latest: tuple[_Seen, _Reader] | None = None
        readers: tuple[_Reader, ...] = (self._trade, self._quote, self._bar)
        for read in readers:
            seen = read(instrument_id, 0)
            if seen is None:
                continue
            if not seen[0] > 0.0:
                return UNKNOWN
            if latest is None or seen[2] > latest[0][2]:
                latest = seen, read
        if latest is None:
            return UNKNOWN
        (price, ts_event, ts_init), read = latest
        quote = self._cache.quote_tick(instrument_id)
        bid, ask = (nan, nan) if quote is None else (quote.bid_price.as_double(), quote.ask_price.as_double())
        before = read(instrument_id, 1)
        return Market(
            price=price,
            age_s=(self._now_ns - min(ts_event, ts_init)) / NANOS_PER_SECOND,
            jump_pct=0.0 if before is None else _step_pct(before[0], price),
            crossed=bid > ask,
            spread_bps=(ask - bid) / (bid + ask) * 20_000.0 if bid + ask > 0.0 else nan,
            drift_ms=(ts_init - ts_event) / NANOS_PER_MILLISECOND,
        )

    def _trade(self, instrument_id: InstrumentId, index: int) -> _Seen | None:
        tick = self._cache.trade_tick(instrument_id, index)
        return None if tick is None else (tick.price.as_double(), tick.ts_event, tick.ts_init)

    def _quote(self, instrument_id: InstrumentId, index: int) -> _Seen | None:
        tick: QuoteTick | None = self._cache.quote_tick(instrument_id, index)
        if tick is None:
            return None
        return (tick.bid_price.as_double() + tick.ask_price.as_double()) / 2.0, tick.ts_event, tick.ts_init

    def _bar(self, instrument_id: InstrumentId, index: int) -> _Seen | None:
        bar_type = self._bar_types.get(instrument_id)
        if bar_type is None:
            types = self._cache.bar_types(instrument_id, PriceType.LAST, AggregationSource.EXTERNAL)
            if not types:
                return None
            bar_type = self._bar_types[instrument_id] = types[0]
        bar = self._cache.bar(bar_type, index)
        return None if bar is None else (bar.close.as_double(), bar.ts_event, bar.ts_init)


def _step_pct(before: float, price: float) -> float:
    return abs(price - before) / before * 100.0 if before > 0.0 else nan
