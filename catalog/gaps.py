"""Stretches without bars. A market with sessions also pauses between its days, which is no fault."""

from dataclasses import dataclass

import numpy as np
from nautilus_trader.model.instruments import Instrument

from catalog.bartypes import BarSpec
from catalog.instruments import trades_around_the_clock
from catalog.times import local_ns
from sagetrade_nautilus.model.records import IntArray
from sagetrade_nautilus.model.sessions import EXCHANGE_CLOCK
from sagetrade_nautilus.nanos import NANOS_PER_DAY


@dataclass(frozen=True)
class Gap:
    """A stretch without bars, between the closes of its neighbours (UTC nanoseconds).

    `closed_market` marks a pause between two trading days of a market that has sessions.
    """

    after_ns: int
    before_ns: int
    missing: int
    closed_market: bool = False


def find_gaps(ts: IntArray, spec: BarSpec, instrument: Instrument) -> tuple[Gap, ...]:
    """Return the stretches between bar closes `ts` (UTC nanoseconds, ascending) that lack bars."""
    steps = np.diff(ts)
    where = np.flatnonzero(steps > spec.step_ns)
    closed = np.zeros(len(where), dtype=bool)
    if not trades_around_the_clock(instrument):
        days = _exchange_days(ts)
        closed = days[where] != days[where + 1]
    missing = steps[where] // spec.step_ns - 1
    return tuple(
        Gap(int(ts[at]), int(ts[at + 1]), int(count), bool(shut))
        for at, count, shut in zip(where, missing, closed, strict=True)
    )


def empty_weekdays(ts: IntArray, instrument: Instrument) -> tuple[str, ...]:
    """Return the weekdays (ISO dates) between the first and the last bar of a market with sessions that
    have none.

    They are holidays, or days that the file lacks. Around the clock, a day without bars is a gap like any
    other.
    """
    if trades_around_the_clock(instrument):
        return ()
    held = np.unique(_exchange_days(ts)).astype("datetime64[D]")
    days = np.arange(held[0], held[-1])
    empty = np.setdiff1d(days[np.is_busday(days)], held)
    return tuple(str(day) for day in empty)


def _exchange_days(ts: IntArray) -> IntArray:
    return local_ns(ts - 1, EXCHANGE_CLOCK) // NANOS_PER_DAY
