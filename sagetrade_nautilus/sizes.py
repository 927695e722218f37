"""The sizes that an instrument is traded in: whole steps, and none below its smallest."""

from decimal import Decimal

from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Quantity


def smallest(instrument: Instrument) -> Decimal:
    """Return the smallest quantity that an order in the instrument may have."""
    step: Decimal = instrument.size_increment.as_decimal()
    return step if instrument.min_quantity is None else max(step, instrument.min_quantity.as_decimal())


def exact(size: Decimal, precision: int) -> Quantity:
    """Return `size` with `precision` decimals and every digit: ``Quantity(size)`` goes by way of a binary float."""
    return Quantity.from_str(f"{size:.{precision}f}")


def whole(instrument: Instrument | None, size: Decimal) -> Quantity | None:
    """Return `size` in whole steps of the instrument, rounded down; ``None`` if below its smallest quantity."""
    if instrument is None:
        return None
    step = instrument.size_increment.as_decimal()
    steps = size // step * step
    return exact(steps, instrument.size_precision) if steps >= smallest(instrument) else None
