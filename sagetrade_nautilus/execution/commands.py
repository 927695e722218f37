"""Commands about an order that is on its way already. They go through the same doors as every other command."""

from typing import Any

from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder, QueryOrder, SubmitOrder
from nautilus_trader.model.identifiers import ClientId, PositionId
from nautilus_trader.model.orders import Order

RISK = "RiskEngine.execute"
EXECUTE = "ExecEngine.execute"
"""Where every order command arrives: the gate stands before the engine there."""


def query(msgbus: MessageBus, clock: Clock, order: Order, client_id: ClientId | None = None) -> None:
    """Ask the venue what it knows of `order`."""
    msgbus.send(EXECUTE, QueryOrder(**_about(order, client_id, clock.timestamp_ns())))


def send_again(
    msgbus: MessageBus, clock: Clock, order: Order, position_id: PositionId | None, client_id: ClientId | None
) -> None:
    """Send `order` once more, under its own client order id; risk engine and gate judge it anew."""
    command = SubmitOrder(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        order=order,
        command_id=UUID4(),
        ts_init=clock.timestamp_ns(),
        position_id=position_id,
        client_id=client_id,
    )
    msgbus.send(RISK, command)


def cancel_again(msgbus: MessageBus, clock: Clock, order: Order, client_id: ClientId | None = None) -> None:
    """Cancel an order whose cancel is unanswered: Nautilus's `cancel_order` sends nothing while one is pending."""
    msgbus.send(EXECUTE, cancel(order, client_id, clock.timestamp_ns()))


def cancel(order: Order, client_id: ClientId | None, ts: int) -> CancelOrder:
    """Return the command that cancels `order`, through the client that it was sent by."""
    return CancelOrder(**_about(order, client_id, ts))


def _about(order: Order, client_id: ClientId | None, ts: int) -> dict[str, Any]:
    return {
        "trader_id": order.trader_id,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
        "venue_order_id": order.venue_order_id,
        "command_id": UUID4(),
        "ts_init": ts,
        "client_id": client_id,
    }
