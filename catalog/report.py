"""What an import found and did."""

from dataclasses import dataclass, field
from pathlib import Path

from catalog.gaps import Gap
from catalog.write import Written


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """The outcome of an import of bars.

    Parameters
    ----------
    rows, bars : int
        Rows of the file, and bars that they gave.
    first_ns, last_ns : int
        The first and last bar close, UTC nanoseconds.
    duplicates : int
        Rows that repeat another in every value; dropped.
    unsorted : int
        Rows that stand after a later one; sorted.
    zero_volume : int
        Bars without a trade; kept.
    rounded : int
        Rows with a value that was rounded to the instrument's precision, as asked for.
    gaps : tuple[Gap, ...]
        Missing stretches, in time order.
    empty_weekdays : tuple[str, ...]
        Weekdays without a bar, of a market with sessions: holidays, or days that the file lacks.
    notes : tuple[str, ...]
        What else was decided.
    """

    source: Path
    instrument_id: str
    bar_spec: str
    inferred: bool
    timestamps: str
    rows: int
    bars: int
    first_ns: int
    last_ns: int
    duplicates: int
    unsorted: int
    zero_volume: int
    rounded: int
    gaps: tuple[Gap, ...]
    empty_weekdays: tuple[str, ...]
    written: Written
    notes: tuple[str, ...] = field(default=())

    @property
    def open_gaps(self) -> tuple[Gap, ...]:
        """Gaps while the market was open."""
        return tuple(gap for gap in self.gaps if not gap.closed_market)

    @property
    def missing(self) -> int:
        """Bars missing while the market was open."""
        return sum(gap.missing for gap in self.open_gaps)


@dataclass(frozen=True, kw_only=True)
class TextImportReport:
    """The outcome of an import of texts.

    `duplicates` repeat source, url, title and time of another row, `empty` have no words; both are left out.
    """

    source: Path
    rows: int
    texts: int
    first_ns: int
    last_ns: int
    duplicates: int
    empty: int
    first_seen_known: int
    sources: tuple[str, ...]
    written: Written
