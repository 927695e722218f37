"""Why a trade was made: from its fills and orders back to the decision, the composite, its parts and their texts.

The journal alone is enough. It is not verified here: `journal.check` does that.
"""

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.records import (
    CutRecord,
    DenialRecord,
    JournalRecord,
    OrderRecord,
    RunRecord,
    StateRecord,
    TextRecord,
    TripRecord,
)
from sagetrade_nautilus.guard.switch.state import StateChange
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.model.records import read_tags

INITIALIZED = "initialized"
NEAR_MATCHES = 3


class OrderStory(msgspec.Struct, frozen=True):
    """One order of a trade: what it is for ('entry', 'take_profit') and its events, in the order of the journal."""

    client_order_id: str
    role: str
    events: tuple[OrderRecord, ...]

    @property
    def asked(self) -> OrderRecord | None:
        """How it was made; ``None`` where the journal did not hear that."""
        return next((event for event in self.events if event.event == INITIALIZED), None)

    @property
    def fills(self) -> tuple[OrderRecord, ...]:
        """Its executions."""
        return tuple(event for event in self.events if event.last_qty is not None)


class Evidence(msgspec.Struct, frozen=True):
    """One part of the composite score with the texts behind it; those not found are named in `missing`."""

    component: Component
    texts: tuple[TextRecord, ...]
    missing: tuple[str, ...]

    @property
    def contribution(self) -> float:
        """What it adds to the score."""
        return self.component.weight * self.component.score


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a journal says of one trade.

    Parameters
    ----------
    run : RunRecord
        The run that the decision was made in.
    decision : DecisionRecord
        As it was taken.
    evidence : tuple[Evidence, ...]
        The parts of the composite score, the largest contribution first.
    orders : tuple[OrderStory, ...]
        In the order in which they were made.
    denials : tuple[DenialRecord, ...]
        What the gate held back of it.
    cuts : tuple[CutRecord, ...]
        Exits that asked for more than was open.
    """

    run: RunRecord
    decision: DecisionRecord
    evidence: tuple[Evidence, ...]
    orders: tuple[OrderStory, ...]
    denials: tuple[DenialRecord, ...]
    cuts: tuple[CutRecord, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing: run, configuration, code, parts that make up the score, every text, every order.

        An order is whole if the journal heard how it was made.
        """
        known_run = bool(self.run.config_digest and self.run.code_version)
        adds_up = abs(sum(part.contribution for part in self.evidence) - self.decision.score) < 1e-9
        no_text_missing = not any(part.missing for part in self.evidence)
        whole_orders = all(order.asked is not None for order in self.orders)
        return known_run and adds_up and no_text_missing and whole_orders and bool(self.orders)


def explain(trade_id: str, records: Iterable[JournalRecord]) -> Explanation:
    """Return what `records` say of a trade. Where a continued journal has the id twice, the later trade is meant.

    Raises
    ------
    JournalError
        No decision was taken under that id; the message names ids that are near.
    """
    search = _Search(trade_id)
    for record in records:
        search.hear(record)
    return search.result()


class _Search:
    """One walk through a journal, picking up what concerns a trade."""

    def __init__(self, trade_id: str) -> None:
        self._trade_id = trade_id
        self._run = RunRecord()
        self._texts: dict[str, TextRecord] = {}
        self._ids: dict[str, None] = {}
        self._begin(self._run, None)

    def _begin(self, run: RunRecord, decision: DecisionRecord | None) -> None:
        self._decided_in = run
        self._decision = decision
        self._orders: dict[str, list[OrderRecord]] = {}
        self._denials: list[DenialRecord] = []
        self._cuts: list[CutRecord] = []

    def hear(self, record: JournalRecord) -> None:
        match record:
            case RunRecord():
                self._run = record
            case TextRecord():
                self._texts[record.item_id] = record
            case DecisionRecord():
                self._hear_decision(record)
            case OrderRecord() | DenialRecord() | CutRecord():
                if read_tags(record).trade_id == self._trade_id:
                    self._hear_order(record)
            case StateRecord() | StateChange() | TripRecord():
                pass

    def _hear_decision(self, record: DecisionRecord) -> None:
        if record.trade_id is not None:
            self._ids[record.trade_id] = None
        if record.trade_id == self._trade_id and record.verdict is Verdict.TAKEN:
            self._begin(self._run, record)

    def _hear_order(self, record: OrderRecord | DenialRecord | CutRecord) -> None:
        if isinstance(record, DenialRecord):
            self._denials.append(record)
        elif isinstance(record, CutRecord):
            self._cuts.append(record)
        else:
            self._orders.setdefault(record.client_order_id, []).append(record)

    def result(self) -> Explanation:
        if self._decision is None:
            raise JournalError(self._unknown())
        parts = sorted(self._decision.signals, key=lambda part: -abs(part.weight * part.score))
        return Explanation(
            run=self._decided_in,
            decision=self._decision,
            evidence=tuple(self._evidence(part) for part in parts),
            orders=tuple(
                OrderStory(order_id, read_tags(events[0]).role, tuple(events))
                for order_id, events in self._orders.items()
            ),
            denials=tuple(self._denials),
            cuts=tuple(self._cuts),
        )

    def _evidence(self, part: Component) -> Evidence:
        found = tuple(self._texts[source] for source in part.source_ids if source in self._texts)
        missing = tuple(source for source in part.source_ids if source not in self._texts)
        return Evidence(part, found, missing)

    def _unknown(self) -> str:
        near = get_close_matches(self._trade_id, self._ids, n=NEAR_MATCHES, cutoff=0.5)
        if near:
            return f"no trade {self._trade_id!r} in this journal; near it: {', '.join(near)}"
        count, some = len(self._ids), next(iter(self._ids), "")
        held = f"it holds {count:,} of them, such as {some}" if count else "it holds no trade"
        return f"no trade {self._trade_id!r} in this journal; {held}"
