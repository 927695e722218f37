"""The one exit that a venue lets a position in coins have, as `model.one_exit` says: a stop-limit of its whole size."""

from decimal import Decimal

from msgspec.structs import replace
from nautilus_trader.model.enums import OrderSide, OrderType
from nautilus_trader.model.events import (
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderModifyRejected,
    OrderRejected,
)
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.model.one_exit import Stop, judge, stop_limit
from sagetrade_nautilus.model.records import STOP_LOSS
from sagetrade_nautilus.model.ticks import on_tick
from sagetrade_nautilus.trade import Trade, tightens

REFUSALS_MAX = 3
"""How many refused changes of its exits a position may suffer before it is closed instead."""
UNPROTECTED = "unprotected"
REFUSED = (OrderRejected, OrderDenied, OrderExpired)
UNWELCOME = (OrderModifyRejected, OrderCancelRejected, OrderCanceled)
"""The venue would not do what was asked, or somebody else has cancelled the stop."""


class LoneStop:
    """Sends the stop, and has it follow the position: it is cancelled and, when it is gone, sent anew in another size.

    Parameters
    ----------
    strategy : Strategy
        In whose name.
    offset_bps : float
        How far below its trigger it may still sell.
    """

    def __init__(self, strategy: Strategy, offset_bps: float) -> None:
        self._strategy = strategy
        self._offset_bps = offset_bps

    def protect(self, trade: Trade, position: Position) -> Stop:
        """Have the stop cover the position, no less and no more; what it answers meanwhile has it looked at again."""
        order = self.order(trade)
        if trade.stop_id is None:
            if trade.target_id is None:  # else that is on its way out, and its coins are not free before
                self._send(trade, position)
            return Stop.KEPT
        if order is None or order.is_inflight or not order.is_open:
            return Stop.KEPT
        asked, filled, left = (
            size.as_decimal() for size in (order.init_event.quantity, order.filled_qty, order.leaves_qty)
        )
        found = judge(asked, filled, left, position.quantity.as_decimal())
        if found is Stop.RESIZED:
            trade.replaced = order.client_order_id
            self._strategy.cancel_order(order)
        return found

    def is_free(self, trade: Trade) -> bool:
        """Tell whether no stop holds the coins any more; cancel the one that does."""
        order = self.order(trade)
        if order is None or order.is_closed:
            return True
        if not order.is_pending_cancel:
            self._strategy.cancel_order(order)
        return False

    def move(self, trade: Trade, stop_price: float, price: float) -> None:
        """Move the trigger towards the price, and the limit with it; a stop that is wider is left as it is."""
        order = self.order(trade)
        if order is None or not order.is_open or order.order_type != OrderType.STOP_LIMIT:
            return
        if tightens(order.trigger_price.as_double(), stop_price, price, long=True):
            trigger, limit = self._prices(trade, stop_price)
            trade.decision = replace(trade.decision, sl=stop_price)  # one that is sent anew is not wider again
            self._strategy.modify_order(order, price=limit, trigger_price=trigger)

    def worst(self, trade: Trade) -> float:
        """Return the price below which nothing sells the position: the stop's limit; without a stop, its trigger."""
        order = self.order(trade)
        rests = order is not None and not order.is_closed and order.has_price
        return float(order.price.as_double()) if order is not None and rests else trade.decision.sl

    def answer(self, trade: Trade, event: OrderEvent) -> str | None:
        """Return why the trade is to be closed now that its stop has said something; ``None`` if it is not."""
        order = self.order(trade)
        if order is not None and order.is_closed:
            trade.stop_id = None
        asked_for = isinstance(event, OrderCanceled) and event.client_order_id == trade.replaced
        trade.refusals += isinstance(event, UNWELCOME) and not asked_for
        if isinstance(event, REFUSED) or trade.refusals > REFUSALS_MAX:
            return UNPROTECTED
        has_sold = isinstance(event, OrderFilled) and trade.stop_id is None
        return STOP_LOSS if has_sold else None  # the rest is what grew since

    def order(self, trade: Trade) -> Order | None:
        """Return the stop that was sent last, unless it is gone and was heard of."""
        return None if trade.stop_id is None else self._strategy.cache.order(trade.stop_id)

    def _prices(self, trade: Trade, stop_price: float) -> tuple[Price, Price]:
        tick = self._strategy.cache.instrument(trade.instrument_id).price_increment.as_decimal()
        trigger = on_tick(Decimal(str(stop_price)), tick, up=True)
        return Price.from_decimal(trigger), Price.from_decimal(stop_limit(trigger, self._offset_bps, tick))

    def _send(self, trade: Trade, position: Position) -> None:
        trigger, limit = self._prices(trade, trade.decision.sl)
        order = self._strategy.order_factory.stop_limit(
            position.instrument_id,
            OrderSide.SELL,
            position.quantity,
            limit,
            trigger,
            reduce_only=True,
            tags=[trade.trade_id, STOP_LOSS],
        )
        trade.stop_id = order.client_order_id  # before it is sent: it may be denied at once
        self._strategy.submit_order(order, position_id=position.id)
