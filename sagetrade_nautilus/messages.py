"""What strategies, guard and journal tell one another: plain messages on bare topics of the message bus."""

from enum import StrEnum

import msgspec

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.model.selection import Grant

DECISIONS_TOPIC = "sagetrade.decisions"
RISK_BUDGET_TOPIC = "sagetrade.risk_budget"
CONTROL_TOPIC = "sagetrade.control"
ENTRIES_TOPIC = "sagetrade.entries"
ORDER_WATCH_TOPIC = "sagetrade.order_watch"
MARKET_TOPIC = "sagetrade.market"
"""Where a replay tells a simulated venue of each datum, before it hands the datum to the node."""
MEMORY_TOPIC = "sagetrade.memory"
TRADING_STATE_TOPIC = "sagetrade.trading_state"
NOTES_TOPIC = "sagetrade.notes"
"""What people did, or tried to do, from outside the node: each `Note` is journaled."""
COMMANDS_TOPIC = "sagetrade.commands"
"""Every command that the gate has let out, cancels too."""
CONNECTIONS_TOPIC = "sagetrade.connections"
CANARY_TOPIC = "sagetrade.canary"
GATE_ENDPOINT = "SageTrade.gate"
"""Where the gate can be asked whether what only reduces may leave now: it calls what it is sent with the answer.

A strategy does not start where nobody answers.
"""
WIND_DOWN_ENDPOINT = "SageTrade.wind_down"
"""Where the guard is told that the node is about to stop, and whether it shall close positions."""

RECONCILED_ENDPOINT = "SageTrade.reconciled"
"""Where the guard is told in which instruments our books are not the venue's, and how; nothing opens there."""
GUARD_VIEW_ENDPOINT = "SageTrade.guard_view"
"""Where the guard can be asked how things stand: it calls what it is sent with a `guard.view.GuardView`."""
NODE_VIEW_ENDPOINT = "SageTrade.node_view"
"""Where a live node can be asked how it runs: it calls what it is sent with an `overview.NodeStatus`."""
LAST_WORDS_ENDPOINT = "SageTrade.last_words"
"""Where a live node that stops is given the task of whoever has still something to say: its end waits for that."""


class Verdict(StrEnum):
    """What became of a decision: taken, or which stage refused it."""

    TAKEN = "taken"
    REFUSED_EDGE = "refused_edge"
    REFUSED_SELECTOR = "refused_selector"
    REFUSED_SIZING = "refused_sizing"
    REFUSED_SHORT = "refused_short"
    DENIED_BY_GUARD = "denied_by_guard"


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True, tag="decision", tag_field="type"):
    """One line of the decision journal: who wished what and why, on which evidence, and what became of it.

    `ts` is UNIX nanoseconds, `notional` quote currency (0 where refused), edges and costs basis points. `sources` are
    the ids of the texts behind the signal.
    """

    ts: int
    decision_id: str
    trade_id: str | None
    strategy: str
    instrument_id: str
    verdict: Verdict
    why: str
    side: str
    reason: str
    score: float
    confidence: float
    volatility: float
    regime: str
    price: float
    expected_edge_bps: float
    cost_bps: float
    size_pct: float
    equity: float
    share: float
    policy_row: int
    notional: float
    signal_ids: tuple[str, ...]
    signals: tuple[Component, ...]
    sources: tuple[str, ...]


def decision_record(
    strategy: str,
    decision: Decision,
    signal: CompositeSignal,
    *,
    ts: int,
    verdict: Verdict,
    why: str,
    cost_bps: float,
    grant: Grant,
    equity: float = 0.0,
    trade_id: str | None = None,
    notional: float = 0.0,
) -> DecisionRecord:
    """Return the journal's line for `decision`, which `strategy` made on `signal`."""
    return DecisionRecord(
        ts=ts,
        decision_id=f"{strategy}@{signal.signal_id}",
        trade_id=trade_id,
        strategy=strategy,
        instrument_id=signal.instrument_id.value,
        verdict=verdict,
        why=why,
        side=decision.side,
        reason=decision.reason,
        score=signal.score,
        confidence=signal.confidence,
        volatility=signal.volatility,
        regime=signal.regime.value,
        price=signal.price,
        expected_edge_bps=decision.expected_edge_bps,
        cost_bps=cost_bps,
        size_pct=decision.size_pct,
        equity=equity,
        share=grant.share,
        policy_row=grant.row,
        notional=notional,
        signal_ids=decision.signal_ids,
        signals=signal.components,
        sources=tuple(source for part in signal.components for source in part.source_ids),
    )


class StrategySwitch(msgspec.Struct, frozen=True):
    """A command to enable or disable one strategy while it runs. A disabled strategy enters nothing; it still exits."""

    strategy: str
    enabled: bool
    by: str


class Note(msgspec.Struct, frozen=True):
    """Something to be journaled: what became of which subject, and who brought it about."""

    subject: str
    state: str
    by: str


class TradingState(msgspec.Struct, frozen=True):
    """What may trade from now on: a state of the kill switch, whether strategies are locked by it, and why."""

    state: str
    locked: bool
    reason: str


class EntryEnd(msgspec.Struct, frozen=True):
    """How a micro-trade's entry ended: what was filled of it, in base currency, and whether that is to be closed.

    `why` is 'filled', 'unfilled', 'partial', 'unresolved' (the venue never answered) or 'late_fill'.
    """

    client_order_id: str
    filled: float
    close: bool
    why: str


class OrderUnknown(msgspec.Struct, frozen=True):
    """The venue's answer to a question about an order: it does not have it. Published by an execution client."""

    client_order_id: str


class Memo(msgspec.Struct, frozen=True):
    """Something that a strategy must know after a restart, under its name; the newest of a name stands."""

    name: str
    raw: bytes


class Connection(msgspec.Struct, frozen=True):
    """A client of a venue or a feed has lost its connection, or has it again. Published by the client."""

    client: str
    connected: bool


class CanaryEnd(msgspec.Struct, frozen=True):
    """An experiment's canary is over. Published by the actor that watches it.

    `figures` are the criteria that it broke where it is `given_up`, else its return.
    """

    experiment: str
    given_up: bool
    figures: str


class OrderWatch(msgspec.Struct, frozen=True):
    """What was done about an order that the venue has not answered: 'queried', 'resent', 'canceled' or 'unresolved'.

    After a restart 'taken_up' says that the position which the order opened is managed again, and 'found' that it is
    and nobody knows why it was opened.
    """

    client_order_id: str
    deed: str
