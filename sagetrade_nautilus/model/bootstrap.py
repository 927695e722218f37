"""The circular block bootstrap: intervals for figures of dependent data.

Resampling whole blocks of neighbours keeps what autocorrelation and volatility clusters do to an estimate;
resampling single points would make it look surer than it is. Source: D. N. Politis and J. P. Romano, "A
circular block-resampling procedure for stationary data", in Exploring the Limits of Bootstrap, 1992.

Percentiles of few blocks lie too close together: of ten, a 95% interval of noise would leave out 0 in 8 of 100 cases.
So they are taken further out, at the level at which Student's t of as many blocks has 95%. Source: T. C. Hesterberg,
"What Teachers Should Know About the Bootstrap", The American Statistician 69(4), 2015: the expanded interval.
"""

from math import sqrt
from statistics import NormalDist

import msgspec
import numpy as np

from sagetrade_nautilus.model.records import FloatArray, IntArray

MIN_BLOCKS = 10
MIN_VALID_SHARE = 0.95
TAIL = 0.025
_NORMAL = NormalDist()


class Estimate(msgspec.Struct, frozen=True):
    """A figure with its 95% interval and standard error.

    The last three are ``None`` where the data hold fewer than 10 blocks. `n` counts the samples.
    """

    value: float
    low: float | None
    high: float | None
    standard_error: float | None
    n: int

    @property
    def t_stat(self) -> float | None:
        """The figure in standard errors."""
        return self.value / self.standard_error if self.standard_error else None

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside the interval; without an interval nothing can be said, so ``False``."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


def block_starts(n: int, block: int, samples: int, rng: np.random.Generator) -> IntArray:
    """Draw where the blocks of each sample start, enough of them to cover `n` points: (samples, blocks)."""
    return rng.integers(0, n, size=(samples, -(-n // block)))


def block_sums(values: FloatArray, starts: IntArray, block: int) -> FloatArray:
    """Sum `values` over the resampled blocks; the end of the data is joined to its start.

    Parameters
    ----------
    values : ndarray of shape (n,)
    starts : ndarray of shape (samples, blocks)
    block : int
        Length of a block, at most `n`.

    Returns
    -------
    ndarray of shape (samples,)
    """
    prefix = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[:block]]))])
    return np.asarray((prefix[starts + block] - prefix[starts]).sum(axis=1), dtype=np.float64)


def expanded_tail(blocks: int) -> float:
    """Return which share of the replicates of so many blocks lies beyond each end of a 95% interval: less than 2.5%.

    It is what the normal distribution has beyond ``sqrt(n / (n - 1)) * t(n - 1)``; the quantile of t is that of
    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5, good to four digits from ten blocks on.
    """
    z, n = _NORMAL.inv_cdf(1.0 - TAIL), blocks - 1.0
    t = z + (z**3 + z) / (4.0 * n) + (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / (96.0 * n**2)
    t += (3.0 * z**7 + 19.0 * z**5 + 17.0 * z**3 - 15.0 * z) / (384.0 * n**3)
    return _NORMAL.cdf(-sqrt(blocks / n) * t)


def estimate(value: float, replicates: FloatArray, n: int, blocks: int) -> Estimate:
    """Join a figure and its bootstrap replicates; those that could not be computed are NaN."""
    valid = replicates[np.isfinite(replicates)]
    if blocks < MIN_BLOCKS or valid.size < max(2, MIN_VALID_SHARE * replicates.size):
        return Estimate(value=value, low=None, high=None, standard_error=None, n=n)
    tail = 100.0 * expanded_tail(blocks)
    low, high = (float(bound) for bound in np.percentile(valid, [tail, 100.0 - tail]))
    return Estimate(value=value, low=low, high=high, standard_error=float(np.std(valid, ddof=1)), n=n)
