"""Prices on a tick. Pure."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


def on_tick(price: Decimal, tick: Decimal, *, up: bool) -> Decimal:
    """Return a price on a tick, at least one.

    Up for what sells at a limit or triggers a sale, so that none is sold for less or triggers later; down for a
    purchase, and for what sells at the worst.
    """
    ticks = (price / tick).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    return max(ticks, Decimal(1)) * tick
