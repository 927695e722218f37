"""Our books against the venue's: which orders rest and what is held, and where the two differ. Pure."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec


class Books(msgspec.Struct, frozen=True):
    """One side's account of what is open.

    Parameters
    ----------
    orders : dict[str, frozenset[str]]
        The ids of the orders that rest, by instrument.
    positions : dict[str, Decimal]
        The net quantity that is held, by instrument: below zero for a short one. Nothing and 0 are the same.
    """

    orders: dict[str, frozenset[str]]
    positions: dict[str, Decimal]


def differences(ours: Books, theirs: Books) -> dict[str, tuple[str, ...]]:
    """Return what is not the same, in words, by instrument; nothing where the books agree."""
    found: dict[str, tuple[str, ...]] = {}
    for symbol in sorted({*ours.orders, *theirs.orders, *ours.positions, *theirs.positions}):
        lines = (*_positions(symbol, ours.positions, theirs.positions), *_orders(symbol, ours.orders, theirs.orders))
        if lines:
            found[symbol] = lines
    return found


def _positions(symbol: str, ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> tuple[str, ...]:
    mine, other = ours.get(symbol, Decimal(0)), theirs.get(symbol, Decimal(0))
    return () if mine == other else (f"our strategies hold {mine:f}, the venue says {other:f}",)


def _orders(symbol: str, ours: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    mine, other = ours.get(symbol, frozenset()), theirs.get(symbol, frozenset())
    strange = (f"order {name} rests at the venue and is none of our strategies'" for name in sorted(other - mine))
    lost = (f"order {name} should rest at the venue and does not" for name in sorted(mine - other))
    return (*strange, *lost)
