"""Commands about an order that is on its way already. They go through the same doors as every other command."""

from typing import Any

from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder, QueryOrder, SubmitOrder
from nautilus_trader.model.identifiers import ClientId, PositionId
from nautilus_trader.model.orders import Order

RISK = "RiskEngine.execute"
EXECUTION = "ExecEngine.execute"


def query(msgbus: MessageBus, clock: Clock, order: Order, client_id: ClientId | None = None) -> None:
    """Ask the venue what it knows of `order`."""
    msgbus.send(EXECUTION, QueryOrder(**_about(order, clock, client_id)))


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
    msgbus.send(EXECUTION, CancelOrder(**_about(order, clock, client_id)))


def _about(order: Order, clock: Clock, client_id: ClientId | None) -> dict[str, Any]:
    return {
        "trader_id": order.trader_id,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
        "venue_order_id": order.venue_order_id,
        "command_id": UUID4(),
        "ts_init": clock.timestamp_ns(),
        "client_id": client_id,
    }
