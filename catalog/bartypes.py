"""Bar specifications: '5-MINUTE-LAST' as text, as nanoseconds, and as a Nautilus bar type."""

import re
from dataclasses import dataclass

from nautilus_trader.model.data import BarType

from catalog.instruments import parse_instrument_id
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND

_UNIT_NS = {"SECOND": NANOS_PER_SECOND, "MINUTE": NANOS_PER_MINUTE, "HOUR": NANOS_PER_HOUR, "DAY": NANOS_PER_DAY}
_LIMIT = {"SECOND": 60, "MINUTE": 60, "HOUR": 24, "DAY": 2}
_SPEC = re.compile(r"([1-9][0-9]*)-(SECOND|MINUTE|HOUR|DAY)-(LAST|BID|ASK|MID)")


BarRow = tuple[int, float, float, float, float, float]
"""A bar as a venue tells it: when it opens (UNIX nanoseconds), open, high, low, close, volume."""


@dataclass(frozen=True)
class BarSpec:
    """A time bar: `step_ns` is its length in nanoseconds, `text` its name in Nautilus's form."""

    text: str
    step_ns: int

    @property
    def is_daily(self) -> bool:
        return self.step_ns == NANOS_PER_DAY

    def bar_type(self, instrument_id: str) -> BarType:
        """Return the Nautilus bar type of `instrument_id`, as made outside Nautilus (EXTERNAL)."""
        parse_instrument_id(instrument_id)
        return BarType.from_str(f"{instrument_id}-{self.text}-EXTERNAL")


def parse_bar_spec(text: str) -> BarSpec:
    """Read '5-MINUTE-LAST'. Nautilus aborts the process on an unknown unit, so nothing unchecked gets there.

    Raises
    ------
    DataError
        `text` is no such specification, or the step does not divide the next longer unit.
    """
    match = _SPEC.fullmatch(text)
    if match is None:
        raise DataError(
            f"bar {text!r}: write STEP-UNIT-PRICE, such as 5-MINUTE-LAST "
            "(SECOND, MINUTE, HOUR or DAY; LAST, BID, ASK or MID)"
        )
    step, unit = int(match[1]), match[2]
    limit = _LIMIT[unit]
    if step >= limit or limit % step:
        raise DataError(
            f"bar {text!r}: {step} {unit} is not a bar that Nautilus has; the step must divide {limit} evenly"
        )
    return BarSpec(text, step * _UNIT_NS[unit])


def spec_of_step(step_ns: int) -> BarSpec:
    """Return the LAST bar specification of `step_ns` nanoseconds.

    Raises
    ------
    DataError
        No bar that Nautilus has is that long.
    """
    for unit in ("DAY", "HOUR", "MINUTE", "SECOND"):
        steps, rest = divmod(step_ns, _UNIT_NS[unit])
        if steps and not rest and steps < _LIMIT[unit] and _LIMIT[unit] % steps == 0:
            return BarSpec(f"{steps}-{unit}-LAST", step_ns)
    raise DataError(
        f"rows are mostly {step_ns / 1e9:g} seconds apart, which is no bar of Nautilus: name one with --bar"
    )
