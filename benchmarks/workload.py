"""The bars and the rule that every case runs. They are seeded, so that they are the same in all of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

SEED = 7
BARS_FULL = 260_000
START_NS = 1_640_995_200_000_000_000
STARTING_BALANCE = 10_000_000.0
TRADE_SIZE = 0.01


class EmaCross(NamedTuple):
    """The rule: long while the fast average is above the slow one, entered at a cross and never short.

    `fast` and `slow` are look-backs in bars. Crosses within the first `warmup` bars are ignored, which is long
    enough for averages that engines start differently to agree.
    """

    fast: int
    slow: int
    warmup: int


RULES = {
    "none": EmaCross(12, 68, BARS_FULL),
    "few": EmaCross(2_000, 6_000, 20_000),
    "many": EmaCross(12, 68, 1_000),
    "most": EmaCross(6, 34, 1_000),
}
"""At the full length `few` makes 24 trades, `many` 2,860 and `most` 5,704. With brackets, 4 orders a trade, these are
96, 11,440 and 22,816 orders; with two market orders a trade 48, 5,720 and 11,408. `none` follows the averages of
`many` and never trades."""


@dataclass(frozen=True)
class Workload:
    """One-minute bars as columns, all float64 but `ts` (closing time, UNIX nanoseconds)."""

    ts: NDArray[np.uint64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]


def workload(bars: int = BARS_FULL) -> Workload:
    """Return the first `bars` minutes of a geometric random walk: 5 basis points a minute, ticks of 0.01."""
    random = np.random.default_rng(SEED)
    steps = random.standard_normal(BARS_FULL) * 5e-4
    wicks = np.abs(random.standard_normal((2, BARS_FULL))) * 2e-4
    close = np.round(30_000.0 * np.exp(np.cumsum(steps)), 2)
    open_ = np.concatenate(([30_000.0], close[:-1]))
    high = np.round(np.maximum(open_, close) * (1.0 + wicks[0]), 2)
    low = np.round(np.minimum(open_, close) * (1.0 - wicks[1]), 2)
    ts = START_NS + NANOS_PER_MINUTE * np.arange(1, BARS_FULL + 1, dtype=np.uint64)
    volume = np.full(BARS_FULL, 40.0)
    return Workload(
        ts=ts[:bars],
        open=open_[:bars],
        high=high[:bars],
        low=low[:bars],
        close=close[:bars],
        volume=volume[:bars],
    )


def bar_number(ts_ns: int) -> int:
    """Return the number (from 1) of the last bar that had closed at `ts_ns`."""
    return (ts_ns - START_NS) // NANOS_PER_MINUTE
