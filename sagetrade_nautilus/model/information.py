"""The information coefficient: does a score rank what the price did next?

Source: R. C. Grinold and R. N. Kahn, Active Portfolio Management, 2nd ed., ch. 6. The coefficient here is
Spearman's rank correlation of the score in force at a bar's close with the log return over the following
horizon, on samples that do not overlap. The instruments are ranked each by itself, and their coefficients
averaged. Bootstrap blocks are cut from time, with all instruments in them, so that markets that move together
do not count as independent evidence. Ranks are taken once and the correlation of the ranks is resampled.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from sagetrade_nautilus.model.bootstrap import Estimate, block_starts, block_sums, estimate
from sagetrade_nautilus.model.records import FloatArray, IntArray

MIN_SAMPLES = 10
DEGENERATE = 1e-9  # variance of standardised ranks below which a correlation is undefined


class HorizonSample(msgspec.Struct, frozen=True, eq=False):
    """Scores and later returns of one horizon, on common and non-overlapping times.

    Parameters
    ----------
    returns : ndarray of shape (instruments, times)
        Log return over the horizon; NaN where a price is missing.
    scores : mapping of str to ndarray of shape (instruments, times)
        By the name of the signal; NaN where there was none.
    block : int
        Times in one bootstrap block.
    """

    returns: FloatArray
    scores: Mapping[str, FloatArray]
    block: int


def value_at(ts: IntArray, values: FloatArray, at: IntArray, max_age_ns: int | None = None) -> FloatArray:
    """Return the last value known at each moment: NaN before the first, or if older than `max_age_ns`."""
    if ts.size == 0:
        return np.full(at.size, np.nan)
    index = np.searchsorted(ts, at, side="right") - 1
    found = values[np.maximum(index, 0)].astype(np.float64)
    stale = index < 0
    if max_age_ns is not None:
        stale = stale | (at - ts[np.maximum(index, 0)] > max_age_ns)
    found[stale] = np.nan
    return found


def forward_returns(ts: IntArray, close: FloatArray, at: IntArray, horizon_ns: int, max_age_ns: int) -> FloatArray:
    """Return the log return from each moment to `horizon_ns` later: NaN where a price is missing or old."""
    now = value_at(ts, close, at, max_age_ns)
    later = value_at(ts, close, at + horizon_ns, max_age_ns)
    later[at + horizon_ns > ts[-1]] = np.nan
    return np.asarray(np.log(later / now), dtype=np.float64)


def average_ranks(values: FloatArray) -> FloatArray:
    """Rank from 1; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    highest = np.cumsum(counts)
    return np.asarray((highest - (counts - 1) / 2.0)[inverse], dtype=np.float64)


def information_coefficients(
    sample: HorizonSample, samples: int, rng: np.random.Generator
) -> dict[str, list[Estimate | None]]:
    """Estimate each signal's coefficient: over all instruments first, then one instrument each.

    Returns
    -------
    dict[str, list[Estimate | None]]
        By signal; ``None`` where nothing can be correlated.
    """
    return {name: _estimates(parts, sample) for name, parts in _replicate(sample, samples, rng).items()}


def information_gain(
    sample: HorizonSample, name: str, base: str, samples: int, rng: np.random.Generator
) -> Estimate | None:
    """Estimate by how much the coefficient of `name` exceeds that of `base`, paired within each resample."""
    chosen = {key: sample.scores[key] for key in (name, base)}
    parts = _replicate(HorizonSample(sample.returns, chosen, sample.block), samples, rng)
    more, less = (_pool(parts[key]) for key in (name, base))
    if more is None or less is None:
        return None
    times = sample.returns.shape[1]
    return estimate(more.value - less.value, more.replicates - less.replicates, more.n, times // sample.block)


def quantile_means(sample: HorizonSample, name: str, bins: int = 5) -> tuple[float | None, ...]:
    """Return the mean later return of each quantile of the score, lowest first, as a fraction.

    Scores are ranked within their instrument; a quantile that equal scores leave empty is ``None``.
    """
    total, count = np.zeros(bins), np.zeros(bins)
    for score, later in zip(sample.scores[name], sample.returns, strict=True):
        valid = np.isfinite(score) & np.isfinite(later)
        if not valid.any():
            continue
        place = (average_ranks(score[valid]) - 0.5) / np.count_nonzero(valid)
        bucket = np.minimum((place * bins).astype(np.int64), bins - 1)
        total += np.bincount(bucket, weights=later[valid], minlength=bins)
        count += np.bincount(bucket, minlength=bins)
    return tuple(float(s / n) if n else None for s, n in zip(total, count, strict=True))


class _Part(msgspec.Struct, frozen=True, eq=False):
    value: float
    replicates: FloatArray
    n: int


def _replicate(sample: HorizonSample, samples: int, rng: np.random.Generator) -> dict[str, list[_Part | None]]:
    """Correlate and resample every signal on every instrument, with the same blocks."""
    times = sample.returns.shape[1]
    block = max(1, min(sample.block, times))
    starts = block_starts(times, block, samples, rng) if times else np.zeros((samples, 0), dtype=np.int64)
    parts: dict[str, list[_Part | None]] = {}
    for name, scores in sample.scores.items():
        parts[name] = [
            _part(_rank_moments(score, later), starts, block)
            for score, later in zip(scores, sample.returns, strict=True)
        ]
    return parts


def _part(moments: list[FloatArray], starts: IntArray, block: int) -> _Part | None:
    value = _coefficient(moments)
    if value is None:
        return None
    replicates = _correlation([block_sums(column, starts, block) for column in moments])
    return _Part(value, replicates, int(moments[0].sum()))


def _pool(parts: list[_Part | None]) -> _Part | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return _Part(
        value=float(np.mean([part.value for part in known])),
        replicates=np.mean([part.replicates for part in known], axis=0),
        n=sum(part.n for part in known),
    )


def _estimates(parts: list[_Part | None], sample: HorizonSample) -> list[Estimate | None]:
    blocks = sample.returns.shape[1] // sample.block
    return [
        estimate(part.value, part.replicates, part.n, blocks) if part is not None else None
        for part in [_pool(parts), *parts]
    ]


def _rank_moments(x: FloatArray, y: FloatArray) -> list[FloatArray]:
    """Return 1, x, y, xx, yy and xy of the standardised ranks, each 0 where a pair is incomplete."""
    valid = np.isfinite(x) & np.isfinite(y)
    a, b = np.zeros(x.size), np.zeros(x.size)
    a[valid], b[valid] = _standard_ranks(x[valid]), _standard_ranks(y[valid])
    return [valid.astype(np.float64), a, b, a * a, b * b, a * b]


def _standard_ranks(values: FloatArray) -> FloatArray:
    """Ranks moved and scaled to about [-1, 1], which keeps the sums exact enough."""
    n = max(values.size, 1)
    return (average_ranks(values) - (n + 1) / 2.0) * (2.0 / n)


def _coefficient(moments: list[FloatArray]) -> float | None:
    if moments[0].sum() < MIN_SAMPLES:
        return None
    value = float(_correlation([np.asarray([column.sum()]) for column in moments])[0])
    return value if np.isfinite(value) else None


def _correlation(sums: list[FloatArray]) -> FloatArray:
    """Pearson's correlation from the sums of 1, x, y, xx, yy and xy; NaN where one side does not vary."""
    n, x, y, xx, yy, xy = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        var_x, var_y = xx / n - (x / n) ** 2, yy / n - (y / n) ** 2
        value = (xy / n - x * y / n**2) / np.sqrt(var_x * var_y)
    varies = (var_x > DEGENERATE) & (var_y > DEGENERATE)
    return np.where(varies, np.clip(value, -1.0, 1.0), np.nan)
