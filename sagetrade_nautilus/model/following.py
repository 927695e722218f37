"""What it would have been worth to follow a score: to hold, in every market, a position in proportion to it.

Positions are renewed at the sample's times and held to the next. They are scaled so that the average position, over all
markets and times, is 1 in size: a score that is small throughout is not rewarded for turning over little money. What a
renewal turns over pays `one_way_bps`. Nothing else of trading is in it: no sizing, no limits, no stops.
"""

import msgspec
import numpy as np

from sagetrade_nautilus.model.bootstrap import Estimate, block_starts, block_sums, estimate
from sagetrade_nautilus.model.information import HorizonSample
from sagetrade_nautilus.model.records import FloatArray

BPS = 1e4


class Followed(msgspec.Struct, frozen=True, eq=False):
    """One score, followed: arrays of shape (times,), averaged over the markets, per unit of average position.

    Parameters
    ----------
    turnover : ndarray
        What was bought and sold at each time, in positions.
    gross, cost : ndarray
        What the position then earned, and what the renewal cost, in basis points; what is left is `net`.
    """

    turnover: FloatArray
    gross: FloatArray
    cost: FloatArray

    @property
    def net(self) -> FloatArray:
        return self.gross - self.cost


def follow(sample: HorizonSample, name: str, one_way_bps: float) -> Followed | None:
    """Follow the score called `name`; ``None`` where it never says anything.

    A market without a score, or without a price at either end, is stood aside from: its position is 0.
    """
    held = np.where(np.isfinite(sample.returns), np.nan_to_num(sample.scores[name]), 0.0)
    size = float(np.mean(np.abs(held)))
    if size == 0.0:
        return None
    position = held / size
    turnover = np.mean(np.abs(np.diff(position, axis=1, prepend=0.0)), axis=0)
    earned = np.mean(position * np.expm1(np.nan_to_num(sample.returns)), axis=0)
    return Followed(turnover, BPS * earned, one_way_bps * turnover)


def mean_estimate(values: FloatArray, block: int, samples: int, rng: np.random.Generator) -> Estimate:
    """Estimate the mean of `values`, of shape (times,), with its block bootstrap interval."""
    block = max(1, min(block, values.size))
    starts = block_starts(values.size, block, samples, rng)
    replicates = block_sums(values, starts, block) / (starts.shape[1] * block)
    return estimate(float(np.mean(values)), replicates, values.size, values.size // block)
