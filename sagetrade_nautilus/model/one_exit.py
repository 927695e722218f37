"""The rule of a venue at which a position in coins has one exit: a stop-limit, and nothing beside it. Pure.

Alpaca takes neither brackets nor stops at the market for crypto, lends no coins, and refuses to another order what one
that rests would sell. So one stop-limit rests for the whole position, and its take-profit is watched. Which instruments
that is about is said here alone; a simulated venue holds them to it too, so that a strategy does the same everywhere.
"""

from decimal import Decimal
from enum import Enum
from functools import cache
from math import ulp
from typing import Final

from sagetrade_nautilus.model.records import STOP_LOSS, TAKE_PROFIT
from sagetrade_nautilus.model.ticks import on_tick

VENUE: Final = "ALPACA"
FEE_SHARE_MAX: Final = Decimal("0.01")
"""More than any venue takes of a purchase, in coins."""
BPS: Final = Decimal(10_000)
ULPS_MAX: Final = 16
"""How many units in the last place of a binary float the executions that make a position may come to be wrong by."""


@cache
def has_one_exit(instrument_id: str) -> bool:
    """Tell whether a position in the instrument ('BTC/USD.ALPACA') is long, and has one exit at a time."""
    symbol, _, venue = instrument_id.rpartition(".")
    return venue == VENUE and "/" in symbol


def stop_limit(trigger: Decimal, offset_bps: float, tick: Decimal) -> Decimal:
    """Return the worst price of a sale that `trigger` sets off: `offset_bps` below it, on a tick, at least one."""
    return on_tick(trigger * (1 - Decimal(str(offset_bps)) / BPS), tick, up=False)


def due(high: float, now: float, take_profit: float, worst: float) -> str | None:
    """Return why a long position is to be closed at the market, ``None`` if it is not.

    Parameters
    ----------
    high : float
        The highest price since the last look at which it could have been sold.
    now : float
        The price at which it could be sold now.
    take_profit : float
        Its take-profit, which does not rest.
    worst : float
        Below it the stop does not sell any more: the stop's limit or, where no stop rests, its trigger.
    """
    if now < worst:
        return STOP_LOSS
    return TAKE_PROFIT if high >= take_profit else None


class Stop(Enum):
    """What becomes of the stop that rests."""

    KEPT = "kept"
    RESIZED = "resized"
    """It is cancelled, and sent anew at the position's size when it is gone."""
    CUT = "cut"
    """Somebody has made it smaller than what was asked: the position cannot be covered, and is closed."""


def blur(held: Decimal) -> Decimal:
    """Return by how much Nautilus may have a position wrong that it says is `held`: it adds up binary floats.

    It is less than a step of any venue until millions of coins are held to the ninth decimal.
    """
    return Decimal(ulp(float(held))) * ULPS_MAX


def judge(asked: Decimal, filled: Decimal, left: Decimal, held: Decimal) -> Stop:
    """Return what becomes of a stop that was sent for `asked`, of which `filled` is sold and `left` rests.

    `held` is what is to be sold by it now.
    """
    if abs(left - held) <= blur(held):
        return Stop.KEPT
    return Stop.CUT if asked - filled == held else Stop.RESIZED


def is_dust(held: Decimal, least: Decimal) -> bool:
    """Tell whether so few coins are held that no order could sell them; such a position counts as none."""
    return held < least


def can_be_sold(bought: Decimal, least: Decimal) -> bool:
    """Tell whether what is left of a purchase once its fee is taken, in coins, can be sold again."""
    return bought * (1 - FEE_SHARE_MAX) >= least
