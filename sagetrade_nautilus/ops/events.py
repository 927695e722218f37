"""What happened to decisions, orders and trades, as log lines that can be joined by run, trade and decision id."""

import logging
from typing import Any, Final

from nautilus_trader.model.events import OrderEvent, OrderFilled, PositionClosed
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.scribe import EVENTS as ORDER_EVENTS
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.ops.logs import EVENTS

LOG: Final = logging.getLogger(EVENTS)
BAD: Final = frozenset({"rejected", "denied", "modify_rejected", "cancel_rejected"})


def decided(record: DecisionRecord) -> None:
    """Log a strategy's decision."""
    if not LOG.isEnabledFor(logging.INFO):
        return
    says = f"{record.strategy} {record.side} {record.instrument_id}: {record.verdict.value}: {record.why}"
    _say(
        logging.INFO,
        says,
        "decision",
        record.verdict.value,
        decision_id=record.decision_id,
        trade_id=record.trade_id,
        strategy=record.strategy,
        instrument=record.instrument_id,
    )


def ordered(event: OrderEvent, order: Order | None) -> None:
    """Log an event of an order's life."""
    if not LOG.isEnabledFor(logging.INFO):
        return
    name = ORDER_EVENTS[type(event)]
    tags = [] if order is None else order.tags or []
    says = f"order {event.client_order_id} {name.replace('_', ' ')}"
    if isinstance(event, OrderFilled):
        says += f": {event.last_qty} at {event.last_px}"
    elif name in BAD:
        says += f": {event.reason}"
    _say(
        logging.WARNING if name in BAD else logging.INFO,
        says,
        "order",
        name,
        trade_id=tags[0] if tags else None,
        role=tags[1] if len(tags) > 1 else None,
        client_order_id=event.client_order_id.value,
        strategy=event.strategy_id.value,
        instrument=event.instrument_id.value,
    )


def closed(event: PositionClosed, opening: Order | None) -> None:
    """Log a trade's end."""
    if not LOG.isEnabledFor(logging.INFO):
        return
    tags = [] if opening is None else opening.tags or []
    _say(
        logging.INFO,
        f"trade closed: {event.realized_pnl}",
        "trade",
        "closed",
        trade_id=tags[0] if tags else None,
        strategy=event.strategy_id.value,
        instrument=event.instrument_id.value,
    )


def _say(level: int, says: str, category: str, action: str, **labels: Any) -> None:
    kept = {name: value for name, value in labels.items() if value is not None}
    LOG.log(level, says, extra={"event.action": f"{category}-{action}", "labels": kept})
