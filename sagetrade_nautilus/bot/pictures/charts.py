"""Where pictures get their series from: equity from the track, prices from Nautilus's cache.

What is read here is copied, so that the picture can be drawn on a thread: each method returns what draws it, or
``None`` where there is too little to draw.
"""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.data import Bar
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.bot.pictures.drawing import equity_picture, position_picture
from sagetrade_nautilus.bot.pictures.track import EquityTrack
from sagetrade_nautilus.bot.words.periods import Period, span
from sagetrade_nautilus.overview import HeldPosition

BARS_BEFORE: Final = 40
"""Bars shown before a position was opened."""
BARS_MAX: Final = 2_000
POINTS_MIN: Final = 2

type Draw = Callable[[], bytes]


class Charts:
    """Pictures of one node.

    Parameters
    ----------
    cache : CacheFacade
        Nautilus's; read on the event loop alone.
    track : EquityTrack
        What the account was worth.

    Attributes
    ----------
    track : EquityTrack
        The same.
    """

    def __init__(self, cache: CacheFacade, track: EquityTrack) -> None:
        self._cache = cache
        self.track = track

    def equity(self, period: Period, now_ns: int, zone: ZoneInfo) -> Draw | None:
        """Return what draws equity over `period`, as `periods.span` counts it, up to `now_ns`."""
        ts, equity = self.track.since(span(period, now_ns, zone)[0])
        if ts.size < POINTS_MIN:
            return None
        return lambda: equity_picture(ts, equity, zone)

    def position(self, held: HeldPosition, zone: ZoneInfo) -> Draw | None:
        """Return what draws a position on its chart: the bars since shortly before it was opened, and its exits."""
        bars = self._bars(InstrumentId.from_str(held.instrument_id), held.opened_ns)
        if len(bars) < POINTS_MIN:
            return None
        ts = np.asarray([bar.ts_event for bar in bars], dtype=np.int64)
        closes = np.asarray([bar.close.as_double() for bar in bars], dtype=np.float64)
        return lambda: position_picture(
            ts,
            closes,
            entry=held.entry_price,
            opened_ns=held.opened_ns,
            last=held.last_price,
            stop_loss=held.stop_loss,
            take_profit=held.take_profit,
            zone=zone,
        )

    def _bars(self, instrument_id: InstrumentId, opened_ns: int) -> list[Bar]:
        """Return the instrument's bars from shortly before `opened_ns` on, the oldest first, of its finest series."""
        series = [
            bars
            for bar_type in sorted(self._cache.bar_types(instrument_id), key=str)
            if (bars := self._cache.bars(bar_type))
        ]
        newest_first: list[Bar] = max(series, key=len, default=[])
        since = sum(bar.ts_event > opened_ns for bar in newest_first)
        chosen = newest_first[: min(since + BARS_BEFORE, BARS_MAX)]
        kept: list[Bar] = []
        for bar in reversed(chosen):
            if not kept or bar.ts_event > kept[-1].ts_event:
                kept.append(bar)
        return kept
