"""A market over some time, few enough points to be drawn: candles, or the prices that a journal knows."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from catalog.columns import BarColumns
from catalog.store import read_bars
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.dashboard.book import JournalBook
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.guard.journal.records import TextRecord
from sagetrade_nautilus.model.records import FloatArray, IntArray, PriceSeries, RoundTrip, symbol_of
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.report.axes import thin
from sagetrade_nautilus.run.compose import interval_ns

CANDLES_MAX: Final = 800
MARKS_MAX: Final = 300
NEWS_MAX: Final = 120


class Candles(msgspec.Struct, frozen=True, kw_only=True):
    """Candles as columns; `t` is the close of each in UNIX seconds. Without bars only `close` is known."""

    t: list[int]
    close: list[float]
    open: list[float] | None = None
    high: list[float] | None = None
    low: list[float] | None = None


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One closed trade on the chart; times in UNIX seconds."""

    trade: str
    side: str
    entry_t: int
    entry_price: float
    exit_t: int
    exit_price: float
    net_pnl: float


class News(msgspec.Struct, frozen=True, kw_only=True):
    """A headline that a decision named. Its words are another's: they are shown, never obeyed."""

    t: int
    source: str
    title: str
    url: str


class MarketView(msgspec.Struct, frozen=True, kw_only=True):
    """What the chart of one instrument shows between `start` and `end`, UNIX seconds, of all that is known."""

    instrument: str
    instruments: list[str]
    first: int
    last: int
    start: int
    end: int
    candles: Candles
    marks: list[Mark]
    hidden_marks: int
    news: list[News]
    hidden_news: int


def bars_of(config: RunConfig | None, instrument: str) -> BarColumns | None:
    """Return the bars that a run saw, from its catalog; ``None`` where the catalog no longer has them."""
    if config is None or instrument not in config.data.instruments:
        return None
    try:
        bars = read_bars(Path(config.data.catalog), instrument, config.data.bar, *interval_ns(config))
    except (DataError, OSError):
        return None
    return bars if len(bars) else None


def market(
    book: JournalBook, instrument: str, bars: BarColumns | None, start: int | None = None, end: int | None = None
) -> MarketView | None:
    """Return the market between two moments in UNIX seconds, the whole of it unless given; ``None`` without a price."""
    points = book.prices(instrument)
    if bars is None and points is None:
        return None
    ts = bars.ts if bars is not None else points.ts if points is not None else np.array([], dtype=np.int64)
    first, last = (int(ts[index] // NANOS_PER_SECOND) for index in (0, -1))
    start = first if start is None else min(max(start, first), last)
    end = last if end is None else min(max(end, start), last)
    inside = _within(ts, start, end)
    candles = _candles(bars.take(inside)) if bars is not None else _closes(points, inside)
    marks, hidden_marks = _marks(book.trips(), instrument, start, end)
    news, hidden_news = headlines(book.texts.values(), start, end)
    return MarketView(
        instrument=instrument,
        instruments=book.instruments(),
        first=first,
        last=last,
        start=start,
        end=end,
        candles=candles,
        marks=marks,
        hidden_marks=hidden_marks,
        news=news,
        hidden_news=hidden_news,
    )


def headlines(texts: Iterable[TextRecord], start: int, end: int) -> tuple[list[News], int]:
    """Return the newest headlines published between two moments, newest first, and how many are left out."""
    found = [
        News(t=text.published // NANOS_PER_SECOND, source=text.source, title=text.title, url=text.url)
        for text in texts
        if start <= text.published // NANOS_PER_SECOND <= end
    ]
    found.sort(key=lambda news: (-news.t, news.title))
    return found[:NEWS_MAX], max(0, len(found) - NEWS_MAX)


def _marks(trips: tuple[RoundTrip, ...], instrument: str, start: int, end: int) -> tuple[list[Mark], int]:
    """Return the trades within, those with the largest results where there are too many."""
    symbol = symbol_of(instrument)
    inside = [
        trip
        for trip in trips
        if trip.symbol == symbol
        and trip.exit_ts >= start * NANOS_PER_SECOND
        and trip.entry_ts <= end * NANOS_PER_SECOND
    ]
    kept = sorted(inside, key=lambda trip: (-abs(trip.net_pnl), trip.trade_id))[:MARKS_MAX]
    kept.sort(key=lambda trip: (trip.entry_ts, trip.trade_id))
    return [_mark(trip) for trip in kept], len(inside) - len(kept)


def _mark(trip: RoundTrip) -> Mark:
    return Mark(
        trade=trip.trade_id,
        side=trip.side,
        entry_t=trip.entry_ts // NANOS_PER_SECOND,
        entry_price=trip.entry_price,
        exit_t=trip.exit_ts // NANOS_PER_SECOND,
        exit_price=trip.exit_price,
        net_pnl=trip.net_pnl,
    )


def _within(ts: IntArray, start: int, end: int) -> slice:
    low = int(np.searchsorted(ts, start * NANOS_PER_SECOND, side="left"))
    high = int(np.searchsorted(ts, (end + 1) * NANOS_PER_SECOND, side="left"))
    return slice(max(0, low - 1), high + 1)


def _candles(bars: BarColumns) -> Candles:
    """Join bars to at most `CANDLES_MAX` candles; each ends at the close of its last bar."""
    width = max(1, -(-len(bars) // CANDLES_MAX))
    begins = np.arange(0, len(bars), width)
    ends = np.minimum(begins + width, len(bars)) - 1
    return Candles(
        t=(bars.ts[ends] // NANOS_PER_SECOND).tolist(),
        open=bars.open[begins].tolist(),
        high=np.maximum.reduceat(bars.high, begins).tolist(),
        low=np.minimum.reduceat(bars.low, begins).tolist(),
        close=bars.close[ends].tolist(),
    )


def _closes(points: PriceSeries | None, inside: slice) -> Candles:
    if points is None:
        return Candles(t=[], close=[])
    seconds, prices = points.ts[inside] // NANOS_PER_SECOND, points.close[inside]
    kept: FloatArray | IntArray = thin(prices, CANDLES_MAX // 2)
    times = seconds[kept].tolist()
    shown = dict(zip(times, prices[kept].tolist(), strict=True))
    return Candles(t=list(shown), close=list(shown.values()))
