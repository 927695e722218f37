"""What the guard itself tells the engine: of its cancels, and to close. Values in, Nautilus objects out."""

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.events import OrderPendingCancel
from nautilus_trader.model.identifiers import ClientId, ClientOrderId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import MarketOrder, Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus.orders import closing_side


def pending_cancel(order: Order, ts: int) -> OrderPendingCancel:
    """Return the event that says that a cancel of `order` is on its way."""
    return OrderPendingCancel(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        account_id=order.account_id,
        event_id=UUID4(),
        ts_event=ts,
        ts_init=ts,
    )


def closing_order(
    position: Position, quantity: Quantity, client_order_id: ClientOrderId, tags: list[str] | None, ts: int
) -> MarketOrder:
    """Return a market order of `quantity` that reduces `position`."""
    return MarketOrder(
        trader_id=position.trader_id,
        strategy_id=position.strategy_id,
        instrument_id=position.instrument_id,
        client_order_id=client_order_id,
        order_side=closing_side(position),
        quantity=quantity,
        init_id=UUID4(),
        ts_init=ts,
        reduce_only=True,
        tags=tags,
    )


def submit(order: Order, position: Position, client_id: ClientId | None) -> SubmitOrder:
    """Return the command that sends `order`, which is about `position`."""
    return SubmitOrder(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        order=order,
        command_id=UUID4(),
        ts_init=order.ts_init,
        position_id=position.id,
        client_id=client_id,
    )
