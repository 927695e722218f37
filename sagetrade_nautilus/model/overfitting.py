"""Whether a Sharpe ratio is more than luck and search would give: its error, its trials, and the way it was chosen.

Ratios here are per period (per day for daily returns), never annualised; kurtosis is 3 for a normal distribution.

Sources: D. H. Bailey and M. Lopez de Prado, "The Sharpe Ratio Efficient Frontier", J. of Risk 15(2), 2012, for the
probabilistic ratio and the minimum track record; the same, "The Deflated Sharpe Ratio", J. of Portfolio Management
40(5), 2014; D. H. Bailey, J. M. Borwein, M. Lopez de Prado and Q. J. Zhu, "The Probability of Backtest Overfitting",
J. of Computational Finance, 2015, for combinatorially symmetric cross-validation.
"""

from itertools import combinations
from math import ceil, e, inf, sqrt
from statistics import NormalDist

import msgspec
import numpy as np

from sagetrade_nautilus.model.bootstrap import Estimate, block_starts, block_sums, estimate
from sagetrade_nautilus.model.performance import FLAT, MIN_RETURNS
from sagetrade_nautilus.model.records import FloatArray

EULER_MASCHERONI = 0.5772156649015329
CHUNK = 1_024
"""How many splits are ranked at once, which bounds the memory."""

_NORMAL = NormalDist()


class Track(msgspec.Struct, frozen=True):
    """What a record of returns says about its Sharpe ratio.

    Parameters
    ----------
    n : int
        How many returns.
    sharpe : float
        Mean over sample standard deviation, per period.
    skewness, kurtosis : float
        The third and the fourth standardised moment.
    """

    n: int
    sharpe: float
    skewness: float = 0.0
    kurtosis: float = 3.0

    @property
    def variance(self) -> float:
        """The variance of the Sharpe ratio's estimate, times ``n - 1`` (2012)."""
        spread = 1.0 - self.skewness * self.sharpe + (self.kurtosis - 1.0) / 4.0 * self.sharpe**2
        return max(spread, FLAT)


def track(returns: FloatArray) -> Track | None:
    """Measure a record; ``None`` for one of fewer than ten returns, or that never varies."""
    if returns.size < MIN_RETURNS:
        return None
    from_mean = returns - np.mean(returns)
    variance = float(np.mean(from_mean**2))
    if variance <= FLAT**2:
        return None
    return Track(
        n=returns.size,
        sharpe=float(np.mean(returns) / np.std(returns, ddof=1)),
        skewness=float(np.mean(from_mean**3)) / variance**1.5,
        kurtosis=float(np.mean(from_mean**4)) / variance**2,
    )


def probabilistic_sharpe(record: Track, benchmark: float = 0.0) -> float:
    """Probability, in [0, 1], that the true Sharpe ratio exceeds `benchmark` (2012)."""
    return _NORMAL.cdf((record.sharpe - benchmark) * sqrt(record.n - 1) / sqrt(record.variance))


def minimum_track_record(record: Track, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Returns that it takes to be this confident that the true Sharpe ratio exceeds `benchmark` (2012).

    Infinite where the observed ratio does not exceed it.
    """
    above = record.sharpe - benchmark
    if above <= 0.0:
        return inf
    errors = _NORMAL.inv_cdf(confidence) / above
    return 1.0 + record.variance * errors * errors


def expected_maximum(trials: int) -> float:
    """Return the highest of `trials` independent standard normal values, as expected (2014): 0 for one."""
    if trials <= 1:
        return 0.0
    highest, beyond = (_NORMAL.inv_cdf(1.0 - 1.0 / n) for n in (trials, trials * e))
    return (1.0 - EULER_MASCHERONI) * highest + EULER_MASCHERONI * beyond


def deflated_sharpe(record: Track, trials: int, variance: float) -> float:
    """Probability, in [0, 1], that the Sharpe ratio is above what the luckiest of `trials` would show (2014).

    Parameters
    ----------
    record : Track
        The record that was chosen.
    trials : int
        How many were tried, this one included, at least 1.
    variance : float
        Variance of the trials' Sharpe ratios, per period.
    """
    return probabilistic_sharpe(record, sqrt(variance) * expected_maximum(trials))


def sharpe_ratios(returns: FloatArray) -> FloatArray:
    """Return the Sharpe ratio of each column of returns of shape (periods, trials); 0 where one never varies."""
    n = returns.shape[0]
    return _sharpe(returns.sum(axis=0), (returns**2).sum(axis=0), n)


def trials_variance(returns: FloatArray) -> float:
    """Variance of the trials' Sharpe ratios, but no less than what as many trials without any edge would show.

    The floor, 1 / (periods - 1), is the variance of the estimate where the true ratio is 0. Without it a search could
    make itself look harmless by trying one setting many times over.

    Parameters
    ----------
    returns : ndarray of shape (periods, trials)
        At least two periods.
    """
    floor = 1.0 / float(returns.shape[0] - 1)
    if returns.shape[1] < 2:
        return floor
    return max(floor, float(np.var(sharpe_ratios(returns), ddof=1)))


def backtest_overfitting(returns: FloatArray, blocks: int = 16) -> float | None:
    """Probability that the trial which is best in one half of time is no better than the median in the other (CSCV).

    Time is cut into `blocks` of equal length, the oldest periods that do not fill one left out. Each choice of half of
    them is the past once; the trial that is best there is ranked among all in the rest. Measured is the share of the
    choices in which its logit is 0 or below (2015).

    Parameters
    ----------
    returns : ndarray of shape (periods, trials)
        The returns of every trial, on the same periods.
    blocks : int
        An even number of blocks.

    Returns
    -------
    float or None
        In [0, 1]; ``None`` for fewer than two trials, or blocks of fewer than two periods.
    """
    length, trials = returns.shape[0] // blocks, returns.shape[1]
    if trials < 2 or length < 2:
        return None
    kept = returns[returns.shape[0] - length * blocks :].reshape(blocks, length, trials)
    sums, squares = kept.sum(axis=1), (kept**2).sum(axis=1)
    halves = [half for half in combinations(range(blocks), blocks // 2) if half[0] == 0]  # the others are what is left
    n = length * blocks // 2
    overfit = 0
    for first in range(0, len(halves), CHUNK):
        part = np.asarray(halves[first : first + CHUNK])
        one = np.zeros((part.shape[0], blocks))
        np.put_along_axis(one, part, 1.0, axis=1)
        found, other = (_sharpe(half @ sums, half @ squares, n) for half in (one, 1.0 - one))
        overfit += _overfit(found, other) + _overfit(other, found)
    return overfit / (2 * len(halves))


def _overfit(before: FloatArray, after: FloatArray) -> int:
    """Count the splits (rows) whose best trial before is at or below the median after; equal ones share a rank."""
    best = np.take_along_axis(after, np.argmax(before, axis=1)[:, None], axis=1)
    rank = (after < best).sum(axis=1) + ((after == best).sum(axis=1) + 1) / 2.0
    return int((rank <= (after.shape[1] + 1) / 2.0).sum())


class Gain(msgspec.Struct, frozen=True):
    """By how much one record exceeds another: the Sharpe ratio and the mean return, per period."""

    sharpe: Estimate
    mean: Estimate


def gain(candidate: FloatArray, baseline: FloatArray, samples: int, rng: np.random.Generator) -> Gain:
    """Estimate by how much `candidate` exceeds `baseline`, over the same periods, in one and the same resamples.

    Blocks are as long as the cube root of the record (P. Hall, J. L. Horowitz and B.-Y. Jing, Biometrika 82, 1995).
    """
    n = candidate.size
    block = max(1, ceil(n ** (1.0 / 3.0)))
    starts = block_starts(n, block, samples, rng)
    drawn = starts.shape[1] * block
    ratios, means = [], []
    for returns in (candidate, baseline):
        total, squares = block_sums(returns, starts, block), block_sums(returns**2, starts, block)
        ratios.append((float(sharpe_ratios(returns[:, None])[0]), _sharpe(total, squares, drawn)))
        means.append((float(np.mean(returns)), total / drawn))
    (sharpe, sharpes), (mean, averages) = (
        (one[0] - other[0], one[1] - other[1]) for one, other in (tuple(ratios), tuple(means))
    )
    return Gain(estimate(sharpe, sharpes, n, n // block), estimate(mean, averages, n, n // block))


def _sharpe(sums: FloatArray, squares: FloatArray, n: int) -> FloatArray:
    """Sharpe ratios from sums of returns and of their squares; 0 where the returns do not vary."""
    mean = sums / n
    variance = (squares / n - mean**2) * n / (n - 1)
    varies = variance > FLAT**2
    return np.where(varies, mean / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
