"""The circular block bootstrap: intervals for figures of dependent data.

Resampling whole blocks of neighbours keeps what autocorrelation and volatility clusters do to an estimate;
resampling single points would make it look surer than it is. Source: D. N. Politis and J. P. Romano, "A
circular block-resampling procedure for stationary data", in Exploring the Limits of Bootstrap, 1992.
"""

import msgspec
import numpy as np

from sagetrade_nautilus.model.records import FloatArray, IntArray

MIN_BLOCKS = 10
MIN_VALID_SHARE = 0.95


class Estimate(msgspec.Struct, frozen=True):
    """A figure with its 95% percentile interval and standard error.

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


def estimate(value: float, replicates: FloatArray, n: int, blocks: int) -> Estimate:
    """Join a figure and its bootstrap replicates; those that could not be computed are NaN."""
    valid = replicates[np.isfinite(replicates)]
    if blocks < MIN_BLOCKS or valid.size < max(2, MIN_VALID_SHARE * replicates.size):
        return Estimate(value=value, low=None, high=None, standard_error=None, n=n)
    low, high = (float(bound) for bound in np.percentile(valid, [2.5, 97.5]))
    return Estimate(value=value, low=low, high=high, standard_error=float(np.std(valid, ddof=1)), n=n)
