"""Two runs of the same days, matched piece by piece, and why a piece differs. Pure: records in, values out.

Pieces are matched by what they are, not by when they came: a signal by its kind, subject and time, a decision by its
id, an order by its trade and its role in it. So one that is missing shifts none of the others.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Any, Final

import msgspec
from nautilus_trader.model.objects import Currency

from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND
from sagetrade_nautilus.run.checks.compare import NOTHING, Step

type Record = Mapping[str, Any]
type Key = tuple[str, ...]

SIGNAL, LATENCY, ACCOUNT, FILL, FEE, REJECT, ABSENT, OTHER = CAUSES = (
    "signal",
    "latency",
    "account",
    "fill",
    "fee",
    "reject",
    "absent",
    "other",
)
"""Why a piece differs: the signal behind it; when it came; what the account was worth; what a fill brought; what it
cost; that one side refused it; that one side does not have it."""
SEEN: Final = frozenset(
    ("score", "confidence", "volatility", "regime", "price", "signals", "signal_ids", "sources", "reason", "side")
)
WORTH: Final = frozenset(("equity", "notional", "share", "policy_row", "trade_id", "verdict", "why"))
REFUSED: Final = frozenset(("rejected", "denied"))
FILLED: Final = frozenset(("filled", "partially_filled"))
ASKED: Final = ("instrument_id", "side", "order_type", "quantity", "price", "trigger_price")
NUMBER: Final = re.compile(r"\bO-[0-9A-Za-z-]+")
"""What numbers an order; it differs wherever an earlier order is missing, and means nothing."""
BASIS_POINTS: Final = 10_000.0


class Difference(msgspec.Struct, frozen=True):
    """One piece that differs, at `ts` in UNIX nanoseconds: what, why, the first field, and its two values.

    `effect` is what it comes to: milliseconds by which the second was later, basis points by which it filled worse, or
    the fee that it paid more, in the account's currency; 0 where it cannot be counted.
    """

    kind: str
    cause: str
    ts: int
    subject: str
    field: str
    first: Any
    second: Any
    effect: float = 0.0


class Parity(msgspec.Struct, frozen=True):
    """How many pieces of each kind are the same in both runs, and every difference, in the order of time."""

    same: Mapping[str, int]
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether all signals and decisions are the same, however the orders fared."""
        return not any(one.kind in ("signal", "decision") for one in self.differences)


def attribute(first: Mapping[str, Iterable[Step]], second: Mapping[str, Iterable[Step]]) -> Parity:
    """Match two runs and say why they differ.

    Parameters
    ----------
    first, second : mapping of str to iterable of Step
        'signal', 'decision' and 'order' to what `run.compare.steps` gives for them.
    """
    same: dict[str, int] = {}
    found: list[Difference] = []
    for kind, key, judge in (("signal", _signal_key, _signal), ("decision", _decision_key, _decision)):
        left, right = _grouped(first[kind], key), _grouped(second[kind], key)
        found += _matched(kind, left, right, judge, same)
    found += _matched("order", _orders(first["order"]), _orders(second["order"]), order_difference, same)
    return Parity(same, tuple(sorted(found, key=lambda one: (one.ts, one.kind != "signal", one.kind == "order"))))


def _matched(
    kind: str, left: Mapping[Key, list[Record]], right: Mapping[Key, list[Record]], judge: Any, same: dict[str, int]
) -> list[Difference]:
    found: list[Difference] = []
    for key in {**left, **right}:
        difference = judge(" ".join(part for part in key if part), left.get(key, []), right.get(key, []))
        if difference is None:
            same[kind] = same.get(kind, 0) + 1
        else:
            found.append(difference)
    same.setdefault(kind, 0)
    return found


def _grouped(found: Iterable[Step], key: Any) -> dict[Key, list[Record]]:
    groups: defaultdict[Key, list[Record]] = defaultdict(list)
    for step in found:
        groups[key(step)].append(step.fields)
    return groups


def _signal_key(step: Step) -> Key:
    return step.component, step.subject, str(step.ts)


def _decision_key(step: Step) -> Key:
    return (str(step.fields["decision_id"]),)


def _orders(found: Iterable[Step]) -> dict[Key, list[Record]]:
    """Return the events of each order, by the order's trade and role, and its number among those of the same role."""
    events: dict[str, list[Record]] = {}
    for step in found:
        events.setdefault(str(step.fields["client_order_id"]), []).append(step.fields)
    counts: Counter[Key] = Counter()
    named: dict[Key, list[Record]] = {}
    for order_id, records in events.items():
        tags = tuple(records[0].get("tags") or (order_id,))
        counts[tags] += 1
        named[*tags, f"#{counts[tags]}" if counts[tags] > 1 else ""] = records
    return named


# Why two pieces differ


def _signal(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    return _first_field("signal", subject, first, second, lambda field: SIGNAL)


def _decision(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    def cause(field: str) -> str:
        if field == "ts":
            return LATENCY
        return SIGNAL if field in SEEN else ACCOUNT if field in WORTH else OTHER

    return _first_field("decision", subject, first, second, cause)


def _first_field(
    kind: str, subject: str, first: Sequence[Record], second: Sequence[Record], cause: Any
) -> Difference | None:
    """Return the first difference of two lists of records; what a signal says counts before all else."""
    for left, right in zip(first, second, strict=False):
        fields = [field for field in {**left, **right} if left.get(field) != right.get(field)]
        if fields:
            field = min(fields, key=lambda name: CAUSES.index(cause(name)))
            values = left.get(field, NOTHING), right.get(field, NOTHING)
            late = (right["ts"] - left["ts"]) / NANOS_PER_MILLISECOND if field == "ts" else 0.0
            return Difference(kind, cause(field), _ts(left), subject, field, *values, late)
    if len(first) != len(second):
        return _absent(kind, subject, first, second)
    return None


def _absent(kind: str, subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference:
    longer, shared = max(first, second, key=len), min(len(first), len(second))
    left, right = (NOTHING if len(side) <= shared else _name(side[shared]) for side in (first, second))
    return Difference(kind, ABSENT, _ts(longer[shared]), subject, "step", left, right)


def order_difference(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    """Return why an order fared differently in two runs, ``None`` if it did not.

    What counts first is asked first: that it is missing, was refused, was another order from the start, since the
    account was worth something else, filled otherwise, cost otherwise, came later.
    """
    if not first or not second:
        return _absent("order", subject, first, second)
    for judge in (_refused, _asked, _filled, _fee, _later):
        difference = judge(subject, first, second)
        if difference is not None:
            return difference
    return _first_field("order", subject, _unnamed(first), _unnamed(second), lambda field: OTHER)


def _refused(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    left, right = _refusal(first), _refusal(second)
    if (left is None) == (right is None):
        return None
    ts = _ts(left or right or first[0])
    return Difference("order", REJECT, ts, subject, "event", _end(first, left), _end(second, right))


def _asked(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    left, right = ({field: side[0].get(field) for field in ASKED} for side in (first, second))
    return _first_field("order", subject, [{"ts": _ts(first[0]), **left}], [{"ts": _ts(first[0]), **right}], _account)


def _account(field: str) -> str:
    return ACCOUNT


def _filled(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    (size, price), (other_size, other_price) = _fill(first), _fill(second)
    ts = _ts((_fills(first) or _fills(second) or first)[0])
    if size != other_size:
        return Difference("order", FILL, ts, subject, "quantity filled", size, other_size)
    if price == other_price:
        return None
    sign = 1.0 if first[0].get("side") == "buy" else -1.0
    worse = sign * (other_price / price - 1.0) * BASIS_POINTS
    return Difference("order", FILL, ts, subject, "price", price, other_price, worse)


def _fee(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    """Compare what an order cost; each part's fee is rounded to the currency, so in other parts it comes to another."""
    parts = _fills(first), _fills(second)
    paid, other = (fsum(one["commission"] for one in side) for side in parts)
    if paid == other:
        return None
    units = round((other - paid) * 10 ** Currency.from_str(parts[0][0]["currency"]).precision)
    if not units or abs(units) < sum(map(len, parts)) / 2:
        return None
    return Difference("order", FEE, _ts(parts[0][0]), subject, "commission", paid, other, other - paid)


def _later(subject: str, first: Sequence[Record], second: Sequence[Record]) -> Difference | None:
    for left, right in zip(first, second, strict=False):
        if left["event"] != right["event"]:
            return None
        if left["ts"] != right["ts"]:
            late = (right["ts"] - left["ts"]) / NANOS_PER_MILLISECOND
            field = f"{left['event']} at"
            return Difference("order", LATENCY, _ts(left), subject, field, left["ts"], right["ts"], late)
    return None


def _refusal(records: Sequence[Record]) -> Record | None:
    return next((one for one in records if one["event"] in REFUSED), None)


def _end(records: Sequence[Record], refusal: Record | None) -> str:
    return _name(records[-1]) if refusal is None else f"{_name(refusal)}: {refusal['reason']}"


def _fills(records: Sequence[Record]) -> list[Record]:
    return [one for one in records if one["event"] in FILLED]


def _fill(records: Sequence[Record]) -> tuple[float, float]:
    """Return how much was filled, and at which price on average; 0 and 0 if nothing was."""
    fills = _fills(records)
    size = fsum(one["last_qty"] for one in fills)
    value = fsum(one["last_qty"] * one["last_px"] for one in fills)
    return (_plain(size), _plain(value / size)) if size else (0.0, 0.0)


def _plain(number: float) -> float:
    """Return `number` without what adding up leaves of rounding, however small or large it is."""
    return float(f"{number:.12g}")


def _unnamed(records: Sequence[Record]) -> list[Record]:
    return [
        {name: NUMBER.sub("", value) if isinstance(value, str) else value for name, value in one.items()}
        for one in records
    ]


def _name(record: Record) -> str:
    return str(record.get("verdict") or record.get("event") or record.get("type"))


def _ts(record: Record) -> int:
    return int(record.get("ts", record.get("ts_init", 0)))
