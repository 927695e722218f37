"""Whether two peers traded alike, and where they first did not."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

TOLERANCE = 1e-3
"""In USDT, of a balance of ten million. The peers add up thousands of trades in binary fractions, in other orders and
units, and Nautilus in decimals; all fill at the same prices, so that nothing else may differ."""
SIDES = {1: "enters", -1: "leaves"}


def first_difference(base: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """Return in words where `other` first parts from `base`: orders that did not fill, decisions, balance."""
    if other["unfilled"]:
        return f"{other['case']}: {other['unfilled']} orders are unfilled"
    for number, (one, two) in enumerate(zip_longest(base["made"], other["made"]), start=1):
        if one is None or two is None or tuple(one) != tuple(two):
            return f"{other['case']}: decision {number} {_told(two)}, in {base['case']} it {_told(one)}"
    if abs(base["balance"] - other["balance"]) > TOLERANCE:
        return f"{other['case']}: ends with {other['balance']}, {base['case']} with {base['balance']}"
    return None


def _told(decision: Sequence[int] | None) -> str:
    return "is missing" if decision is None else f"{SIDES[decision[1]]} at bar {decision[0]}"
