"""What happened to decisions, orders and trades, as log lines that can be joined by run, trade and decision id."""

from typing import Final

from nautilus_trader.model.events import OrderEvent, OrderFilled, OrderInitialized, PositionClosed
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.journal.scribe import EVENTS as ORDER_EVENTS
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.records import read_tags
from sagetrade_nautilus.ops.logs import is_diverted, tell_event

BAD: Final = frozenset({"rejected", "denied", "modify_rejected", "cancel_rejected"})


def decided(record: DecisionRecord) -> None:
    """Log a strategy's decision."""
    if not is_diverted():
        return
    labels = {
        "decision_id": record.decision_id,
        "trade_id": record.trade_id,
        "strategy": record.strategy,
        "instrument": record.instrument_id,
    }
    says = f"{record.strategy} {record.side} {record.instrument_id}: {record.verdict.value}: {record.why}"
    tell_event("info", says, f"decision-{record.verdict.value}", labels)


def ordered(event: OrderEvent, order: Order | None) -> None:
    """Log an event of an order's life."""
    if not is_diverted():
        return
    name = ORDER_EVENTS[type(event)]
    trade_id, role = read_tags(event if isinstance(event, OrderInitialized) else order)  # no cache has it yet
    labels = {
        "trade_id": trade_id,
        "role": role,
        "client_order_id": event.client_order_id.value,
        "strategy": event.strategy_id.value,
        "instrument": event.instrument_id.value,
    }
    says = f"order {event.client_order_id.value} {name.replace('_', ' ')}"
    if isinstance(event, OrderFilled):
        says += f": {event.last_qty} at {event.last_px}"
    elif name in BAD:
        says += f": {event.reason}"
    tell_event("warning" if name in BAD else "info", says, f"order-{name}", labels)


def closed(event: PositionClosed, pnl: Money, opening: Order | None) -> None:
    """Log a trade's end, and what it made."""
    if not is_diverted():
        return
    labels = {
        "trade_id": read_tags(opening).trade_id,
        "strategy": event.strategy_id.value,
        "instrument": event.instrument_id.value,
    }
    tell_event("info", f"trade closed: {pnl}", "trade-closed", labels)
