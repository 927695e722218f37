"""The market of one instrument from Nautilus's cache, whatever kind of data the run has."""

from math import nan

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.core.rust.model import AggregationSource
from nautilus_trader.model.enums import PriceType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.guard.book import Market

NANOS_PER_SECOND = 1_000_000_000
UNKNOWN = Market(price=nan)


def read_market(cache: CacheFacade, instrument_id: InstrumentId, now_ns: int) -> Market:
    """Return the newest price of an instrument: from its trades, else its quotes, else its bars."""
    crossed = False
    seen: list[tuple[float, int]] = [
        (tick.price.as_double(), tick.ts_init)
        for tick in (cache.trade_tick(instrument_id, index) for index in (0, 1))
        if tick is not None
    ]
    quote = cache.quote_tick(instrument_id)
    if quote is not None:
        bid, ask = quote.bid_price.as_double(), quote.ask_price.as_double()
        crossed = bid > ask
        if not seen:
            seen = [((bid + ask) / 2.0, quote.ts_init)]
    if not seen:
        seen = _closes(cache, instrument_id)
    if not seen:
        return UNKNOWN
    price, ts = seen[0]
    before = seen[1][0] if len(seen) > 1 else price
    jump = abs(price / before - 1.0) * 100.0 if before > 0.0 else nan
    return Market(price, (now_ns - ts) / NANOS_PER_SECOND, jump, crossed)


def _closes(cache: CacheFacade, instrument_id: InstrumentId) -> list[tuple[float, int]]:
    types = cache.bar_types(instrument_id, PriceType.LAST, AggregationSource.EXTERNAL)
    if not types:
        return []
    bars = (cache.bar(types[0], index) for index in (0, 1))
    return [(bar.close.as_double(), bar.ts_init) for bar in bars if bar is not None]
