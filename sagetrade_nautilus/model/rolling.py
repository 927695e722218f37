"""Rolling means and deviations in constant time per value, that never drift.

A running sum that adds the new value and subtracts the old one keeps every rounding error for ever, and a
single large value leaves its error behind when it goes. Here nothing is subtracted. Values come in blocks as
long as the window, so the window is the tail of the block before and the head of this one. The tails are
worked out once when a block is full, the head grows value by value, and each result is made of exactly the
values in the window (the two-block scheme of van Herk, Pattern Recognition Letters 13 (1992) 517-521).
"""

from itertools import accumulate
from math import sqrt
from operator import mul


class RollingMean:
    """The mean of the last `length` values.

    Parameters
    ----------
    length : int
        The window, in values, >= 1.

    Attributes
    ----------
    value : float
        The mean of the values seen so far, at most the last `length`; 0 before the first.
    ready : bool
        Whether the window is full.
    """

    __slots__ = ("_block", "_filled", "_head", "_tails", "length", "ready", "value")

    def __init__(self, length: int) -> None:
        self.length = length
        self.value = 0.0
        self.ready = False
        self._block: list[float] = []
        self._tails: list[float] = []
        self._filled = 0
        self._head = 0.0

    def update(self, value: float) -> float:
        """Take one value and return the mean."""
        filled = self._filled
        if filled == self.length:
            self._turn()
            filled = 0
        self._filled = filled = filled + 1
        self._block.append(value)
        self._head = head = self._head + value
        if self._tails:
            self.value = mean = (self._tails[self.length - filled] + head) / self.length
        else:
            self.value = mean = head / filled
            self.ready = filled == self.length
        return mean

    def _turn(self) -> None:
        """Make the full block the one before; tail k is the sum of its newest k values."""
        self._tails = [*accumulate(reversed(self._block), initial=0.0)]
        self._block.clear()
        self._head = 0.0


class RollingMoments:
    """The mean and the population standard deviation of the last `length` values.

    Values are taken relative to the first of the current block. As that one always lies in the window, the
    variance is at least one part in ``length + 1`` of the mean square that it is computed from, so the
    subtraction costs at most that factor in accuracy: prices of 40,000 that move by a cent come out right.
    Equal values give exactly 0.

    Parameters
    ----------
    length : int
        The window, in values, >= 2.

    Attributes
    ----------
    mean, std : float
        Of the values seen so far, at most the last `length`; 0 before the first. `std` divides by the count.
    ready : bool
        Whether the window is full.
    """

    __slots__ = (
        "_anchor",
        "_block",
        "_filled",
        "_head_squares",
        "_head_sum",
        "_tail_squares",
        "_tail_sums",
        "length",
        "mean",
        "ready",
        "std",
    )

    def __init__(self, length: int) -> None:
        self.length = length
        self.mean = 0.0
        self.std = 0.0
        self.ready = False
        self._anchor = 0.0
        self._block: list[float] = []
        self._tail_sums: list[float] = []
        self._tail_squares: list[float] = []
        self._filled = length
        self._head_sum = 0.0
        self._head_squares = 0.0

    def update(self, value: float) -> float:
        """Take one value and return the standard deviation."""
        filled = self._filled
        count = self.length
        if filled == count:
            self._turn(value)
            filled = 0
        self._filled = filled = filled + 1
        self._block.append(value)
        anchor = self._anchor
        shift = value - anchor
        self._head_sum = total = self._head_sum + shift
        self._head_squares = squares = self._head_squares + shift * shift
        if self._tail_sums:
            left = count - filled
            total += self._tail_sums[left]
            squares += self._tail_squares[left]
        else:
            self.ready = filled == count
            count = filled
        shift = total / count
        self.mean = anchor + shift
        variance = squares / count - shift * shift
        self.std = std = sqrt(variance) if variance > 0.0 else 0.0
        return std

    def _turn(self, anchor: float) -> None:
        """Begin a block at `anchor`; tail k is of the newest k values of the block before, if any."""
        if self._block:
            shifts = [value - anchor for value in reversed(self._block)]
            self._tail_sums = [*accumulate(shifts, initial=0.0)]
            self._tail_squares = [*accumulate(map(mul, shifts, shifts), initial=0.0)]
            self._block.clear()
        self._anchor = anchor
        self._head_sum = self._head_squares = 0.0
