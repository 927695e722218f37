"""Telling from the data itself whether bars are stamped at their close, as the catalog keeps them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from nautilus_trader.model.data import BarType

from catalog.bartypes import BarSpec, parse_bar_spec
from catalog.columns import BarColumns
from catalog.times import local_ns
from sagetrade_nautilus.model.sessions import EXCHANGE_CLOCK
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE

MIN_COMMON = 200
MIN_CORRELATION = 0.3
MIN_ADVANTAGE = 0.1
SESSION_OPENS = {"04:00": 4 * NANOS_PER_HOUR, "09:30": 9 * NANOS_PER_HOUR + 30 * NANOS_PER_MINUTE}
_MAX_POINTS = 20_000


@dataclass(frozen=True)
class Alignment:
    """How two series stand to each other.

    `second` is stamped `shift_ns` too late for `first` (negative: too early); 0 means that they are stamped
    alike.
    """

    first: BarType
    second: BarType
    shift_ns: int


def compare(series: dict[BarType, BarColumns]) -> list[Alignment]:
    """Compare every two series by the correlation of their returns, as stamped and shifted by one bar.

    Markets that move together do so at the same moment. Where the correlation is at least `MIN_CORRELATION`
    and higher by `MIN_ADVANTAGE` after shifting one series by a bar, opens were imported as closes or the
    other way round. Pairs with fewer than `MIN_COMMON` common returns, or that do not move together, are
    left out.
    """
    found = []
    steps = {bar_type: parse_bar_spec(str(bar_type.spec)).step_ns for bar_type in series}
    longest_first = sorted(series, key=lambda bar_type: (-steps[bar_type], str(bar_type)))
    for first, second in combinations(longest_first, 2):
        shift = _best_shift(series[first], series[second], steps[first], steps[second])
        if shift is not None:
            found.append(Alignment(first, second, shift))
    return found


def opens_with_session(bars: BarColumns, spec: BarSpec) -> str | None:
    """Return the session opening ('09:30', New York) that most days' first bar *closes* at, or ``None``.

    The first bar of a session closes one bar after the opening; one that closes with it was stamped at its
    open.
    """
    clock = local_ns(bars.ts, EXCHANGE_CLOCK)
    days, first = np.unique((clock - 1) // NANOS_PER_DAY, return_index=True)
    times = clock[first] - days * NANOS_PER_DAY
    for name, opening in SESSION_OPENS.items():
        if spec.step_ns < NANOS_PER_DAY and np.count_nonzero(times == opening) * 2 > len(days):
            return name
    return None


def _best_shift(a: BarColumns, b: BarColumns, step_a: int, step_b: int) -> int | None:
    """Return by how many nanoseconds `b` is stamped too late for `a`; ``None`` where nothing can be told.

    `a` has the longer bars, so that `b` has a close at each of its closes, shifted or not.
    """
    shifts = sorted({0, step_a, step_b, -step_a, -step_b}, key=abs)
    correlations = {shift: _correlation(a, b, shift, step_a) for shift in shifts}
    best = max(shifts, key=lambda shift: correlations[shift])
    if correlations[best] < MIN_CORRELATION:
        return None
    return best if correlations[best] - correlations[0] >= MIN_ADVANTAGE else 0


def _correlation(a: BarColumns, b: BarColumns, shift: int, spacing: int) -> float:
    """Correlate log returns over `spacing` ns of `a` at t with those of `b` at t + `shift`; 0 for too few."""
    times = a.ts[a.ts % spacing == 0]
    times = times[np.isin(times + shift, b.ts)][-_MAX_POINTS:]
    adjacent = np.diff(times) == spacing
    if np.count_nonzero(adjacent) < MIN_COMMON:
        return 0.0
    moves = [_moves(a, times)[adjacent], _moves(b, times + shift)[adjacent]]
    if min(move.std() for move in moves) == 0.0:
        return 0.0
    return float(np.corrcoef(moves[0], moves[1])[0, 1])


def _moves(bars: BarColumns, times: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.diff(np.log(bars.close[np.searchsorted(bars.ts, times)]))
