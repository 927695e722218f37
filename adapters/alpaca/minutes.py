"""Longer bars from minutes. Alpaca streams bars of one minute, and none for a minute without a trade. Pure."""

from collections.abc import Iterator

from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.objects import Quantity

from sagetrade_nautilus.nanos import NANOS_PER_MINUTE


class MinuteFold:
    """Joins bars of one minute to bars of `length_ns`.

    A bar is complete with its last minute, with the first minute after it, or when `flush` says that its time is over.
    The bar within which we began to listen is left out: its first minutes are not known.

    Parameters
    ----------
    bar_type : BarType
        Of the longer bars.
    length_ns : int
        How long they are, a multiple of a minute, in nanoseconds.
    since_ns : int
        The beginning of the first minute that we hear, UNIX nanoseconds.
    """

    def __init__(self, bar_type: BarType, length_ns: int, since_ns: int) -> None:
        self._bar_type = bar_type
        self._length_ns = length_ns
        self._since_ns = since_ns
        self._done_ns = 0
        self._minutes: list[Bar] = []

    def add(self, minute: Bar) -> Iterator[Bar]:
        """Take a minute, not older than the one before; yield what is complete with it."""
        opens = minute.ts_event - NANOS_PER_MINUTE
        if opens < self._done_ns:
            return
        yield from self.flush(opens, minute.ts_init)
        self._minutes.append(minute)
        yield from self.flush(minute.ts_event, minute.ts_init)

    def is_due(self, now_ns: int) -> bool:
        """Tell whether a bar has closed by `now_ns` and still waits for its last minute."""
        return bool(self._minutes) and self._closes_ns() <= now_ns

    def flush(self, now_ns: int, ts_init: int) -> Iterator[Bar]:
        """Yield the bar that has closed by `now_ns`, if there is one."""
        if self.is_due(now_ns):
            closes, minutes = self._closes_ns(), self._minutes
            self._minutes, self._done_ns = [], closes
            if closes - self._length_ns >= self._since_ns:
                yield self._joined(minutes, closes, ts_init)

    def forget(self, since_ns: int) -> None:
        """Begin anew: minutes before `since_ns` were lost, so the bar that they belong to is left out."""
        self._minutes, self._since_ns = [], since_ns

    def _closes_ns(self) -> int:
        opens: int = self._minutes[0].ts_event - NANOS_PER_MINUTE
        return opens // self._length_ns * self._length_ns + self._length_ns

    def _joined(self, minutes: list[Bar], closes: int, ts_init: int) -> Bar:
        volume: Quantity = minutes[0].volume
        for minute in minutes[1:]:
            volume += minute.volume
        return Bar(
            self._bar_type,
            minutes[0].open,
            max(minute.high for minute in minutes),
            min(minute.low for minute in minutes),
            minutes[-1].close,
            volume,
            closes,
            max(closes, ts_init),
        )
