"""What a case leaves behind, and whether two cases did the same."""

import hashlib
import resource
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

BALANCE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Outcome:
    """One run.

    Parameters
    ----------
    wall_s, cpu_s : float
        Time of the engine's run alone, in seconds: no imports, no loading.
    orders, unfilled : int
        Orders sent, and those of them that neither filled nor were cancelled.
    decisions : list of (int, int)
        The bar (from 1) of each cross, and the new side: 1 long, -1 short.
    balance : float
        Final balance with open profit.
    """

    wall_s: float
    cpu_s: float
    orders: int
    unfilled: int
    decisions: list[tuple[int, int]]
    balance: float

    def report(self) -> dict[str, Any]:
        """Return plain values, with the decisions as a digest."""
        return {
            "wall_s": round(self.wall_s, 3),
            "cpu_s": round(self.cpu_s, 3),
            "orders": self.orders,
            "unfilled": self.unfilled,
            "decisions": len(self.decisions),
            "decisions_sha256": hashlib.sha256(repr(self.decisions).encode()).hexdigest()[:16],
            "balance": self.balance,
            "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }


def disagreements(reports: Iterable[dict[str, Any]]) -> list[str]:
    """Return what differs between reports that must have traded alike, in words; nothing where they did."""
    first, *others = reports
    faults = [f"{first['case']}: {first['unfilled']} orders are unfilled"] if first["unfilled"] else []
    for other in others:
        pair = f"{first['case']} / {other['case']}"
        for key in ("orders", "decisions", "decisions_sha256", "unfilled"):
            if first[key] != other[key]:
                faults.append(f"{pair}: {key} {first[key]} != {other[key]}")
        if abs(first["balance"] - other["balance"]) > BALANCE_TOLERANCE * abs(first["balance"]):
            faults.append(f"{pair}: balance {first['balance']} != {other['balance']}")
    return faults
