"""Which bars are listened to, and what each minute means for them. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import BarAggregation
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Instrument

from adapters.alpaca import parsing, schemas
from adapters.alpaca.minutes import MinuteFold
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND

GRACE_NS: Final = 5 * NANOS_PER_SECOND
"""How long the last minute of a bar may take to arrive, in nanoseconds."""


class LiveBars:
    """Turns Alpaca's minutes into the bars that are subscribed to. Each minute counts once, and never an older one."""

    def __init__(self) -> None:
        self._folds: dict[InstrumentId, dict[BarType, MinuteFold]] = defaultdict(dict)
        self._heard_ns: dict[InstrumentId, int] = {}

    def begin(self, bar_type: BarType, now_ns: int) -> None:
        """Begin to make bars of `bar_type`.

        Raises
        ------
        DataError
            They do not divide an hour.
        """
        _, length = parsing.timeframe(bar_type)
        if bar_type.spec.aggregation not in (BarAggregation.MINUTE, BarAggregation.HOUR) or NANOS_PER_HOUR % length:
            raise DataError(
                f"{bar_type}: live bars last 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes or one hour; request "
                "longer ones, or have Nautilus make them (INTERNAL)"
            )
        identity = bar_type.instrument_id
        since = _minute(now_ns)
        self._folds[identity].setdefault(bar_type, MinuteFold(bar_type, length, since))
        self._heard_ns.setdefault(identity, since)

    def end(self, bar_type: BarType) -> bool:
        """Make these bars no longer; return whether nobody wants the instrument's minutes now."""
        folds = self._folds[bar_type.instrument_id]
        folds.pop(bar_type, None)
        if not folds:
            self._heard_ns.pop(bar_type.instrument_id, None)
        return not folds

    def heard(self) -> dict[InstrumentId, int]:
        """Return up to when the minutes of each instrument are known, UNIX nanoseconds."""
        return dict(self._heard_ns)

    def add(self, rows: list[schemas.Bar], market: Instrument, now_ns: int) -> Iterator[Bar]:
        """Take minutes, the oldest first; yield the bars that are complete with them."""
        for row in rows:
            for bar_type, fold in self._folds[market.id].items():
                minute_type = BarType(market.id, parsing.MINUTE, bar_type.aggregation_source)
                minute = parsing.bars([row], minute_type, market, now_ns)[0]
                if minute.ts_event > self._heard_ns[market.id]:
                    yield from fold.add(minute)
            if market.id in self._heard_ns:
                self._heard_ns[market.id] = max(self._heard_ns[market.id], parsing.nanos(row.t) + NANOS_PER_MINUTE)

    def due(self, now_ns: int) -> list[InstrumentId]:
        """Return the instruments of which a bar is over and still waits for its last minutes."""
        return [
            identity
            for identity, folds in self._folds.items()
            if any(fold.is_due(now_ns - GRACE_NS) for fold in folds.values())
        ]

    def flush(self, identity: InstrumentId, now_ns: int) -> Iterator[Bar]:
        """Yield the bars of an instrument that are over. All minutes that there are must have been added."""
        for fold in self._folds[identity].values():
            yield from fold.flush(now_ns - GRACE_NS, now_ns)

    def forget(self, identity: InstrumentId, now_ns: int) -> None:
        """Leave out the bars that are being made: minutes of them were lost."""
        for fold in self._folds[identity].values():
            fold.forget(_minute(now_ns))


def _minute(now_ns: int) -> int:
    return now_ns // NANOS_PER_MINUTE * NANOS_PER_MINUTE
