"""Two runs side by side: signal by signal, decision by decision, order by order."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import msgspec

from sagetrade_nautilus.run.files import JOURNAL, SIGNALS

KINDS: Final = ("signal", "decision", "order", "denial", "state")
SUBJECT_FIELDS: Final = ("instrument_id", "entity", "item_id", "client_order_id", "subject")
UNCOMPARED: Final = frozenset({"seq", "prev", "hash"})
"""What chains a journal's lines together; everything else in a line counts."""
NOTHING: Final = "nothing"


class Step(msgspec.Struct, frozen=True):
    """Something that a run said or did, at `ts` in UNIX nanoseconds.

    `component` tells what said it ('QuantSignal', 'decision of momentum_scalper', 'order filled'), `subject` of what.
    """

    kind: str
    ts: int
    component: str
    subject: str
    fields: Mapping[str, Any]


class Divergence(msgspec.Struct, frozen=True):
    """Where two runs part: what, when, and the first field that differs with both its values."""

    kind: str
    ts: int
    component: str
    subject: str
    field: str
    first: Any
    second: Any


class Comparison(msgspec.Struct, frozen=True):
    """How many steps of each kind were the same, and the first difference of each kind that has one."""

    same: Mapping[str, int]
    differences: tuple[Divergence, ...]

    @property
    def first_difference(self) -> Divergence | None:
        """The earliest, and among those of one moment the one nearest to the data."""
        return min(self.differences, key=lambda one: (one.ts, KINDS.index(one.kind)), default=None)


def compare(first: Path, second: Path, until_ns: int | None = None) -> Comparison:
    """Compare what two runs left in their folders, up to and including `until_ns`.

    Each kind is compared in the order in which it happened, field by field and without tolerance. Of the journal,
    the line that names the run is left out, and so is what chains the lines.

    Parameters
    ----------
    first, second : Path
        Folders with `SIGNALS`, from a `Tracer`, and `JOURNAL`, from the guard.
    until_ns : int, optional
        The last moment that is compared; all by default.
    """
    same: dict[str, int] = {}
    found = []
    for kind in KINDS:
        left, right = (_until(steps(folder, kind), until_ns) for folder in (first, second))
        same[kind], difference = first_difference(left, right)
        if difference is not None:
            found.append(difference)
    return Comparison(same, tuple(found))


def first_difference(first: Iterable[Step], second: Iterable[Step]) -> tuple[int, Divergence | None]:
    """Return how many steps are the same before the first that differs, and that difference."""
    same = 0
    for left, right in zip_longest(first, second):
        difference = _difference(left, right)
        if difference is not None:
            return same, difference
        same += 1
    return same, None


def steps(folder: Path, kind: str) -> Iterator[Step]:
    """Return the steps of one kind that a run left in `folder`, in the order in which they happened."""
    with (folder / (SIGNALS if kind == "signal" else JOURNAL)).open("rb") as file:
        for line in file:
            fields = msgspec.json.decode(line, type=dict[str, Any])
            if kind == "signal" or fields["type"] == kind:
                yield _step(kind, {name: fields[name] for name in fields if name not in UNCOMPARED})


def _step(kind: str, fields: dict[str, Any]) -> Step:
    subject = next((str(fields[name]) for name in SUBJECT_FIELDS if name in fields), "")
    component = fields["type"]
    if kind == "decision":
        component = f"decision of {fields['strategy']}"
    elif kind == "order":
        component = f"order {fields['event']}"
    return Step(kind, fields.get("ts", fields.get("ts_init", 0)), component, subject, fields)


def _until(found: Iterator[Step], until_ns: int | None) -> Iterator[Step]:
    return (step for step in found if until_ns is None or step.ts <= until_ns)


def _difference(left: Step | None, right: Step | None) -> Divergence | None:
    if left == right:
        return None
    step = min((one for one in (left, right) if one is not None), key=lambda one: one.ts)
    if left is None or right is None or _identity(left) != _identity(right):
        said = (NOTHING if one is None or one.ts > step.ts else " ".join(_identity(one)[1:]) for one in (left, right))
        return Divergence(step.kind, step.ts, step.component, step.subject, "step", *said)
    name = next(name for name in {**left.fields, **right.fields} if left.fields.get(name) != right.fields.get(name))
    values = (left.fields.get(name, NOTHING), right.fields.get(name, NOTHING))
    return Divergence(step.kind, step.ts, step.component, step.subject, name, *values)


def _identity(step: Step) -> tuple[int, str, str]:
    return step.ts, step.component, step.subject
