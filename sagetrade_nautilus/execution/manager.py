"""The order manager: one way for any strategy to make an order, and somebody who waits for the venue's answer."""

from typing import Any

from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import (
    OrderCancelRejected,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderInitialized,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderReleased,
    OrderSubmitted,
)
from nautilus_trader.model.identifiers import ClientId, ClientOrderId, InstrumentId, PositionId
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import ExecutionConfig
from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.execution import commands
from sagetrade_nautilus.execution.alerts import Alerts
from sagetrade_nautilus.execution.order_types import Number, make_order, read_params
from sagetrade_nautilus.messages import ORDER_WATCH_TOPIC, OrderUnknown, OrderWatch
from sagetrade_nautilus.model.acknowledgement import AckPolicy, Deed, Silence, sent, unknown, woken
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.prices import Prices

OWN = (OrderInitialized, OrderEmulated, OrderReleased, OrderPendingUpdate)
"""What Nautilus says by itself: no answer from the venue."""


class OrderManager:
    """Makes the orders of one strategy, and asks the venue about those that it does not answer.

    It waits for every order of its strategy, whoever made it, from the moment at which it is sent. Only a bracket's
    exits are left out, of which a venue may be silent until the entry is filled. A rejection is an answer: no order is
    ever sent again after one. A cancel that is refused is. Make it where the strategy starts.

    Parameters
    ----------
    strategy : Strategy
        In whose name the orders are sent.
    config : ExecutionConfig
        How long the venue may be silent; 0 seconds wait for ever.
    """

    def __init__(self, strategy: Strategy, config: ExecutionConfig | None = None) -> None:
        config = config or ExecutionConfig()
        self._strategy = strategy
        self._alerts = Alerts(strategy.clock)
        self._timeout_ns = round(config.ack_timeout_s * NANOS_PER_SECOND)
        self._policy = AckPolicy(self._timeout_ns, config.queries_max, config.resends_max)
        self._cancel_policy = AckPolicy(self._timeout_ns, config.queries_max)  # what it never sends again
        self._silent: dict[ClientOrderId, Silence] = {}
        if self._timeout_ns:
            strategy.msgbus.subscribe(topic=f"events.order.{strategy.id}", handler=self._on_event)
            strategy.msgbus.subscribe(topic=ORDER_WATCH_TOPIC, handler=self._on_answer)

    def create_order(
        self,
        symbol: str | InstrumentId,
        side: str,
        qty: Number,
        type: str,
        params: dict[str, Any] | None = None,
        *,
        position_id: PositionId | None = None,
        client_id: ClientId | None = None,
    ) -> Order:
        """Make an order and send it; risk engine and gate judge it as any other.

        Parameters
        ----------
        symbol : str or InstrumentId
            The instrument, as 'BTCUSDT.BINANCE'.
        side : {'buy', 'sell'}
            Its direction.
        qty : number
            Base quantity, rounded down to the instrument's step.
        type : str
            One of `order_types.ORDER_TYPES`: 'market', 'limit', 'stop_market' and the like.
        params : dict, optional
            What an order of this type takes: 'price', 'trigger_price', 'time_in_force', 'post_only', 'reduce_only',
            'lifetime_s', 'tags' and so on.
        position_id : PositionId, optional
            The position that it belongs to.
        client_id : ClientId, optional
            The execution client, where the instrument's venue does not say.

        Raises
        ------
        OrderError
            The symbol, type, side or a parameter is unknown, or the size or a price is not one that can be traded.
        """
        order = self.make_order(symbol, side, qty, type, params)
        lifetime_s = (params or {}).get("lifetime_s")
        if lifetime_s is not None:
            due_ns = self._strategy.clock.timestamp_ns() + round(lifetime_s * NANOS_PER_SECOND)
            self._alerts.set(f"lifetime-{order.client_order_id}", due_ns, lambda: self._cancel(order))
        self._strategy.submit_order(order, position_id=position_id, client_id=client_id)
        return order

    def make_order(
        self, symbol: str | InstrumentId, side: str, qty: Number, type: str, params: dict[str, Any] | None = None
    ) -> Order:
        """Return the order that `create_order` would send; `lifetime_s` is checked and has no effect on it."""
        checked = read_params(type, params or {})
        try:
            instrument_id = InstrumentId.from_str(str(symbol))
        except ValueError as error:
            raise OrderError(f"symbol {str(symbol)!r}: {error}; an example is BTCUSDT.BINANCE") from None
        instrument = self._strategy.cache.instrument(instrument_id)
        if instrument is None:
            found = sorted(str(known.id) for known in self._strategy.cache.instruments())
            raise OrderError(f"symbol {symbol} is not one of this run's: {', '.join(found)}")
        clock = self._strategy.clock
        order = make_order(self._strategy.order_factory, instrument, side, qty, type, checked, clock.utc_now())
        least = instrument.min_notional
        at = order.price.as_double() if order.has_price else Prices(self._strategy.cache, 0).last(instrument_id)
        if least is not None and order.quantity.as_double() * at < least.as_double():
            raise OrderError(f"{symbol}: {order.quantity} at {at} is worth less than the minimum of {least}")
        return order

    def _cancel(self, order: Order) -> None:
        if not order.is_closed and not order.is_pending_cancel:
            self._strategy.cancel_order(order, client_id=self._strategy.cache.client_id(order.client_order_id))

    # While the venue is silent

    def _on_event(self, event: OrderEvent) -> None:
        order = self._strategy.cache.order(event.client_order_id)
        if order is None or isinstance(event, OWN):
            return
        if isinstance(event, OrderSubmitted):
            held_back = order.parent_order_id is not None  # the venue speaks of it when its parent is filled
            news = order.status == OrderStatus.SUBMITTED and order.client_order_id not in self._silent
            if news and not held_back:
                self._wait(order, sent(self._policy, self._now()))
        elif isinstance(event, OrderPendingCancel):
            self._wait(order, sent(self._cancel_policy, self._now()))
        elif not isinstance(event, OrderDenied) or order.is_closed:  # a repeat that was denied answers nothing
            self._answered(order)
            if isinstance(event, OrderCancelRejected):
                due_ns = self._now() + self._timeout_ns
                self._alerts.set(f"refused-{order.client_order_id}", due_ns, lambda: self._cancel_again(order))

    def _cancel_again(self, order: Order) -> None:
        """Cancel an order whose cancel was refused; not an exit of what is held: whoever closes that sees to it."""
        cache = self._strategy.cache
        position_id = cache.position_id(order.client_order_id)
        position = None if position_id is None else cache.position(position_id)
        if not (order.is_reduce_only and position is not None and position.is_open):
            self._cancel(order)

    def _on_answer(self, message: Any) -> None:
        if isinstance(message, OrderUnknown):
            client_order_id = ClientOrderId(message.client_order_id)
            if client_order_id in self._silent:
                self._silent[client_order_id] = unknown(self._silent[client_order_id])

    def _answered(self, order: Order) -> None:
        if self._silent.pop(order.client_order_id, None) is not None:
            self._alerts.cancel(f"silence-{order.client_order_id}")
        if order.is_closed:
            self._alerts.cancel(f"lifetime-{order.client_order_id}")

    def _wait(self, order: Order, silence: Silence) -> None:
        if silence.wake_ns is None:
            del self._silent[order.client_order_id]
            return
        self._silent[order.client_order_id] = silence
        self._alerts.set(f"silence-{order.client_order_id}", silence.wake_ns, lambda: self._woken(order))

    def _woken(self, order: Order) -> None:
        silence = self._silent.get(order.client_order_id)
        if silence is None:
            return
        policy = self._policy if order.status == OrderStatus.SUBMITTED else self._cancel_policy
        silence, deed = woken(policy, silence, self._now())
        self._wait(order, silence)
        if deed is not None:
            self._do(order, deed)

    def _do(self, order: Order, deed: Deed) -> None:
        """Ask, send again or give up, and say so. The alert is set already: what is done may be answered at once."""
        strategy, client_order_id = self._strategy, order.client_order_id
        strategy.msgbus.publish(ORDER_WATCH_TOPIC, OrderWatch(client_order_id.value, deed.value))
        client_id = strategy.cache.client_id(client_order_id)
        if deed is Deed.QUERY and order.is_pending_cancel:
            commands.cancel_again(strategy.msgbus, strategy.clock, order, client_id)
        if deed is Deed.QUERY:
            commands.query(strategy.msgbus, strategy.clock, order, client_id)
        elif deed is Deed.RESEND:
            position_id = strategy.cache.position_id(client_order_id)
            commands.send_again(strategy.msgbus, strategy.clock, order, position_id, client_id)
        else:
            strategy.log.error(f"{client_order_id} is unresolved: the venue never answered; ask it before trading on")

    def _now(self) -> int:
        now: int = self._strategy.clock.timestamp_ns()
        return now
