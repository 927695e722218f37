"""Time-sync of a catalog: is everything in order, known in time, and stamped the way that it claims to be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from nautilus_trader.model.data import BarType

from catalog.alignment import Alignment, compare, opens_with_session
from catalog.bartypes import BarSpec, parse_bar_spec
from catalog.columns import BarColumns
from catalog.gaps import find_gaps
from catalog.instruments import trades_around_the_clock
from catalog.store import bar_types, read_bars, read_instrument, read_texts
from catalog.times import iso
from sagetrade_nautilus.data import RawText

Level = Literal["ok", "note", "fault"]


@dataclass(frozen=True)
class Finding:
    """One line of a check: how bad it is, what it is about, and what was found."""

    level: Level
    subject: str
    message: str


@dataclass(frozen=True)
class Holding:
    """What the catalog holds of one kind: how many, and the first and last ``ts_init`` (UTC nanoseconds)."""

    name: str
    count: int
    first_ns: int
    last_ns: int


@dataclass(frozen=True)
class CheckReport:
    """What a catalog holds, and every finding about its times."""

    holdings: tuple[Holding, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether there is no fault."""
        return all(finding.level != "fault" for finding in self.findings)


def check(root: Path, *, now_ns: int) -> CheckReport:
    """Check the times of everything in the catalog `root` against one another and against `now_ns`.

    Raises
    ------
    DataError
        A file is damaged, or not from SageTrade.
    """
    series = _series(root)
    texts = read_texts(root)
    findings = [finding for bar_type, bars in series.items() for finding in _check_bars(root, bar_type, bars, now_ns)]
    findings += _check_convention(root, series)
    if texts:
        findings += _check_texts(texts, now_ns)
        findings += _check_news_against_bars(texts, series)
    if not series and not texts:
        findings.append(Finding("note", str(root), "the catalog is empty; `sagetool import` fills it"))
    return CheckReport(_holdings(series, texts), tuple(findings))


def holdings(root: Path) -> tuple[Holding, ...]:
    """Return what the catalog `root` holds: every bar type, and the texts.

    Raises
    ------
    DataError
        A file is damaged, or not from SageTrade.
    """
    return _holdings(_series(root), read_texts(root))


def _series(root: Path) -> dict[BarType, BarColumns]:
    return {name: read_bars(root, str(name.instrument_id), str(name.spec)) for name in bar_types(root)}


def _holdings(series: dict[BarType, BarColumns], texts: list[RawText]) -> tuple[Holding, ...]:
    held = [Holding(str(name), len(bars), int(bars.ts[0]), int(bars.ts[-1])) for name, bars in series.items()]
    if texts:
        held.append(Holding("texts", len(texts), texts[0].ts_init, texts[-1].ts_init))
    return tuple(held)


def _check_bars(root: Path, bar_type: BarType, bars: BarColumns, now_ns: int) -> list[Finding]:
    name = str(bar_type)
    spec = parse_bar_spec(str(bar_type.spec))
    instrument = read_instrument(root, str(bar_type.instrument_id))
    findings = [_monotonic(name, bars), _no_future(name, bars.ts, now_ns)]
    if not spec.is_daily:
        off = int(np.count_nonzero(bars.ts % spec.step_ns))
        findings.append(_judge(name, off == 0, "every close is on the grid", f"{off} closes are off the grid"))
    gaps = [gap for gap in find_gaps(bars.ts, spec, instrument) if not gap.closed_market]
    if gaps:
        longest = max(gaps, key=lambda gap: gap.missing)
        missing = sum(gap.missing for gap in gaps)
        message = f"{len(gaps)} gaps, {missing} bars missing; the longest after {iso(longest.after_ns)}"
        findings.append(Finding("note", name, message))
    empty = int(np.count_nonzero(bars.volume == 0.0))
    if empty:
        findings.append(Finding("note", name, f"{empty} bars have no volume"))
    return findings


def _check_convention(root: Path, series: dict[BarType, BarColumns]) -> list[Finding]:
    """Look for bars that were stamped at their open."""
    alignments = compare(series)
    findings = [_alignment_finding(alignment) for alignment in alignments]
    compared = {str(name) for alignment in alignments for name in (alignment.first, alignment.second)}
    for bar_type, bars in series.items():
        instrument = read_instrument(root, str(bar_type.instrument_id))
        if not trades_around_the_clock(instrument):
            findings.append(_session_finding(str(bar_type), bars, parse_bar_spec(str(bar_type.spec))))
        elif str(bar_type) not in compared:
            message = "no market that moves alike to tell closes from opens by; trust in what the import was told"
            findings.append(Finding("note", str(bar_type), message))
    return findings


def _alignment_finding(pair: Alignment) -> Finding:
    subject = f"{pair.first} and {pair.second}"
    if pair.shift_ns == 0:
        return Finding("ok", subject, "they move at the same moments, so both are stamped alike")
    late, early = (pair.second, pair.first) if pair.shift_ns > 0 else (pair.first, pair.second)
    return Finding(
        "fault",
        subject,
        f"they move {abs(pair.shift_ns) / 1e9:g} s apart: either {late} is stamped late (closes imported "
        f"as opens) or {early} is stamped early (opens imported as closes)",
    )


def _session_finding(name: str, bars: BarColumns, spec: BarSpec) -> Finding:
    opening = opens_with_session(bars, spec)
    return _judge(
        name,
        opening is None,
        "the first bar of a session closes after its opening",
        f"the first bar of most days closes at {opening} New York, when it opens: opens imported as closes",
    )


def _judge(subject: str, sound: bool, good: str, bad: str) -> Finding:
    return Finding("ok", subject, good) if sound else Finding("fault", subject, bad)


def _monotonic(name: str, bars: BarColumns) -> Finding:
    steps = np.diff(bars.ts)
    back, same = int(np.count_nonzero(steps < 0)), int(np.count_nonzero(steps == 0))
    return _judge(
        name,
        back == same == 0,
        "times only rise",
        f"{back} times fall back, {same} bars share the time of another",
    )


def _no_future(name: str, ts: np.typing.NDArray[np.int64], now_ns: int) -> Finding:
    late = int(np.count_nonzero(ts > now_ns))
    return _judge(name, late == 0, "nothing lies in the future", f"{late} times lie after {iso(now_ns)}")


def _check_texts(texts: list[RawText], now_ns: int) -> list[Finding]:
    published = np.array([text.ts_event for text in texts], dtype=np.int64)
    known = np.array([text.ts_init for text in texts], dtype=np.int64)
    early = int(np.count_nonzero(known < published))
    back = int(np.count_nonzero(np.diff(known) < 0))
    unrecorded = sum(not text.first_seen_known for text in texts)
    findings = [
        _judge("texts", back == 0, "times only rise", f"{back} times fall back"),
        _no_future("texts", np.maximum(published, known), now_ns),
        _judge(
            "texts",
            early == 0,
            "none was known before it was published",
            f"{early} were known before publication",
        ),
    ]
    if unrecorded:
        message = f"{unrecorded} of {len(texts)} have no first-seen time; a run adds its ingestion latency"
        findings.append(Finding("note", "texts", message))
    return findings


def _check_news_against_bars(texts: list[RawText], series: dict[BarType, BarColumns]) -> list[Finding]:
    known = np.array([text.ts_init for text in texts], dtype=np.int64)
    findings = []
    for bar_type, bars in series.items():
        before, after = int(np.count_nonzero(known < bars.ts[0])), int(np.count_nonzero(known > bars.ts[-1]))
        inside = len(texts) - before - after
        message = f"{inside} of {len(texts)} texts fall within the bars, {before} before, {after} after"
        findings.append(Finding("ok" if inside else "note", str(bar_type), message))
    return findings
