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
        Orders sent of every kind, and the market orders among them that did not fill.
    decisions : list of (int, int)
        The bar (from 1) of each market order, and its side: 1 enters, -1 leaves.
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
    """Return what differs between reports that must have traded alike, in words; nothing where they did.

    All must have made the same decisions. Those with the same `management` of orders must also have sent as many
    orders and ended with the same balance.
    """
    reports = list(reports)
    faults = [f"{report['case']}: {report['unfilled']} orders are unfilled" for report in reports if report["unfilled"]]
    first_of: dict[str, dict[str, Any]] = {}
    for report in reports:
        faults += _differences(reports[0], report, ("decisions", "decisions_sha256"))
        twin = first_of.setdefault(report["management"], report)
        faults += _differences(twin, report, ("orders",))
        if abs(twin["balance"] - report["balance"]) > BALANCE_TOLERANCE * abs(twin["balance"]):
            faults.append(f"{twin['case']} / {report['case']}: balance {twin['balance']} != {report['balance']}")
    return faults


def _differences(one: dict[str, Any], other: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    pair = f"{one['case']} / {other['case']}"
    return [f"{pair}: {key} {one[key]} != {other[key]}" for key in keys if one[key] != other[key]]
