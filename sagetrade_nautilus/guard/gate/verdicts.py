"""The events by which the gate's verdicts reach the order, its strategy and the journal."""

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.events import OrderDenied, OrderModifyRejected, OrderUpdated
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.gate.resend import UNSPOKEN

PROCESS = "ExecEngine.process"


def deny(msgbus: MessageBus, cache: CacheFacade, order: Order, reason: str, now_ns: int) -> None:
    """End `order` before it leaves. Where its repeat is refused, the order itself lives on: it may be at the venue."""
    if not cache.order_exists(order.client_order_id):
        cache.add_order(order)
    if cache.order(order.client_order_id).status not in UNSPOKEN:
        return
    msgbus.send(
        PROCESS,
        OrderDenied(
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            reason=reason,
            event_id=UUID4(),
            ts_init=now_ns,
        ),
    )


def reject_change(msgbus: MessageBus, command: ModifyOrder, reason: str, now_ns: int) -> None:
    """Refuse a change; the order stays as it is."""
    msgbus.send(
        PROCESS,
        OrderModifyRejected(
            trader_id=command.trader_id,
            strategy_id=command.strategy_id,
            instrument_id=command.instrument_id,
            client_order_id=command.client_order_id,
            venue_order_id=command.venue_order_id,
            account_id=None,
            reason=reason,
            event_id=UUID4(),
            ts_event=now_ns,
            ts_init=now_ns,
        ),
    )


def cut(
    msgbus: MessageBus,
    cache: CacheFacade,
    order: Order,
    quantity: Quantity,
    position_id: PositionId | None,
    now_ns: int,
) -> None:
    """Give an order that has not left yet a smaller `quantity`.

    At once, not by the engine's queue of events: a live engine might send the order before it takes up the event.
    """
    if not cache.order_exists(order.client_order_id):
        cache.add_order(order, position_id)
    event = OrderUpdated(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=None,
        account_id=None,
        quantity=quantity,
        price=None,
        trigger_price=None,
        event_id=UUID4(),
        ts_event=now_ns,
        ts_init=now_ns,
    )
    order.apply(event)
    cache.update_order(order)
    msgbus.publish(f"events.order.{order.strategy_id}", event)
