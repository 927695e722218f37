"""What `sagetool explain breaker` shows: which number stopped trading, and how far every limit was."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.guard.journal.stops import Stop
from sagetrade_nautilus.guard.switch.state import StateChange
from sagetrade_nautilus.report.trade_log import utc

NEAR = 0.8


def render(found: list[Stop], changes: list[StateChange], encoding: str = "utf-8") -> RenderableType:
    """Return every stop, oldest first, and the limits at the last one. Whatever others wrote is shown as plain text."""
    if not found and not changes:
        return Text("Trading was never stopped: no trip of the circuit breaker, no change of the kill switch.")
    told = [(stop.trip.ts, _trip(stop)) for stop in found] + [(change.ts, _change(change)) for change in changes]
    parts: list[RenderableType] = [
        Text("\n  ".join(plain(part, encoding) for part in line.split("\n"))) for _, line in sorted(told)
    ]
    if found:
        last = found[-1].trip
        parts.append(Text(f"\nHow far every limit was when {last.rule} tripped, at {_when(last.ts)}:", style="bold"))
        parts.append(_limits(found[-1]))
    return Group(*parts)


def _trip(stop: Stop) -> str:
    trip = stop.trip
    number = f"{trip.rule} {trip.value:.4g} against {trip.threshold:.4g}"
    return f"{_when(trip.ts)} {trip.state}: {number}\n{_end(stop)}"


def _end(stop: Stop) -> str:
    by_rule = stop.trip.release == "next_day"
    if stop.released_ts:
        return f"released {_when(stop.released_ts)} by {'the next day' if by_rule else stop.released_by}"
    return "until 00:00:00 UTC" if by_rule else "until a person resumes"


def _change(change: StateChange) -> str:
    flatten = ", closing positions" if change.flatten else ""
    asked = f"{change.before} -> {change.after}" if change.changed else f"{change.after}, as it was"
    return f"{_when(change.ts)} kill switch {asked}{flatten}, by {change.by}: {change.reason}"


def _when(ts: int) -> str:
    return f"{utc(ts):%Y-%m-%d %H:%M:%S}"


def _limits(stop: Stop) -> Table:
    table = Table("limit", "was", "threshold", "used", box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for standing in stop.limits:
        known = standing.value == standing.value
        style = "red" if not known or standing.used >= 1.0 else "yellow" if standing.used >= NEAR else ""
        used = f"{standing.used:.0%}" if known else "?"
        value = f"{standing.value:.6g}" if known else "unknown"
        table.add_row(standing.limit, value, f"{standing.threshold:.6g}", used, style=style)
    return table
