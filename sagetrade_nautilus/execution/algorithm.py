"""MicroTrader: the Nautilus execution algorithm round `model.execution`.

It sends one order and never another: a new price changes that order, and the rest of a partial fill is cancelled.
"""

from typing import Any

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.algorithm import ExecAlgorithm
from nautilus_trader.execution.config import ExecAlgorithmConfig
from nautilus_trader.model.events import (
    OrderCanceled,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderModifyRejected,
    OrderRejected,
    OrderUpdated,
)
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order, OrderList

from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.execution.alerts import Alerts
from sagetrade_nautilus.execution.commands import cancel_again
from sagetrade_nautilus.execution.micro import MICRO, policy_of, price_of, steps_of
from sagetrade_nautilus.messages import ENTRIES_TOPIC, EntryEnd
from sagetrade_nautilus.model.execution import (
    Action,
    Cancel,
    ChangeAnswered,
    Ended,
    Event,
    Filled,
    Finish,
    MicroPolicy,
    MicroState,
    Reprice,
    Send,
    Woke,
    advance,
    begin,
)

REMEMBERED_ENTRIES = 1_000
"""How many entries are known, so that a fill that comes after the end is recognised."""
ENDS = (OrderCanceled, OrderExpired, OrderRejected, OrderDenied)
ANSWERS = (OrderUpdated, OrderModifyRejected)


class MicroTraderConfig(ExecAlgorithmConfig, frozen=True, kw_only=True):
    """Configuration of `MicroTrader`; every order brings its own policy."""

    exec_algorithm_id: Any = MICRO


class MicroTrader(ExecAlgorithm):
    """Works limit orders within their cap and lifetime, and tells how each ended (`messages.EntryEnd`)."""

    def __init__(self, config: MicroTraderConfig | None = None) -> None:
        super().__init__(config or MicroTraderConfig())
        self._entries: dict[ClientOrderId, tuple[MicroPolicy, MicroState]] = {}

    def on_start(self) -> None:
        self._alerts = Alerts(self.clock)
        for order in self.cache.orders_for_exec_algorithm(self.id):
            if order.is_open or order.is_inflight:  # from before a restart, and its time is not known any more
                cancel_again(self.msgbus, self.clock, order)

    def on_order(self, order: Order) -> None:
        instrument = self.cache.instrument(order.instrument_id)
        if instrument is None:
            self._deny(order, f"there is no instrument {order.instrument_id}")
            return
        try:
            policy = policy_of(order, instrument)
        except OrderError as error:
            self._deny(order, str(error))
            return
        while len(self._entries) >= REMEMBERED_ENTRIES:
            del self._entries[next(iter(self._entries))]
        state, actions = begin(policy, self.clock.timestamp_ns())
        self._take(order, policy, state, actions)
        if order.is_closed:  # Nautilus hears a strategy's events only after its first order, and that was denied
            self._advance(order, Ended())

    def on_order_list(self, order_list: OrderList) -> None:
        for order in order_list.orders:
            self._deny(order, f"{MICRO} works single orders, not lists")

    def on_order_event(self, event: OrderEvent) -> None:
        order = self.cache.order(event.client_order_id)
        if order is None or order.client_order_id not in self._entries:
            return
        if isinstance(event, OrderFilled):
            _, state = self._entries[order.client_order_id]
            filled = steps_of(order.filled_qty, self.cache.instrument(order.instrument_id))
            if filled > state.filled:
                self._advance(order, Filled(filled - state.filled))
        elif isinstance(event, ENDS):
            self._advance(order, Ended())
        elif isinstance(event, ANSWERS):
            self._advance(order, ChangeAnswered())

    def _advance(self, order: Order, event: Event) -> None:
        policy, state = self._entries[order.client_order_id]
        self._take(order, policy, *advance(policy, state, event, self.clock.timestamp_ns()))

    def _take(self, order: Order, policy: MicroPolicy, state: MicroState, actions: tuple[Action, ...]) -> None:
        """Remember the new state and set its alert before anything is done: what is done may answer at once."""
        self._entries[order.client_order_id] = (policy, state)
        name = f"micro-{order.client_order_id}"
        if state.wake_ns is None:
            self._alerts.cancel(name)
        else:
            self._alerts.set(name, state.wake_ns, lambda: self._advance(order, Woke()))
        for action in actions:
            self._do(order, action)

    def _do(self, order: Order, action: Action) -> None:
        match action:
            case Send():
                self.submit_order(order)
            case Reprice(price=ticks):
                self.modify_order(order, price=price_of(ticks, self.cache.instrument(order.instrument_id)))
            case Cancel() if order.is_pending_cancel:
                cancel_again(self.msgbus, self.clock, order)
            case Cancel():
                self.cancel_order(order)
            case Finish(filled=filled, close=close, why=why):
                step = self.cache.instrument(order.instrument_id).size_increment.as_double()
                self.msgbus.publish(ENTRIES_TOPIC, EntryEnd(order.client_order_id.value, filled * step, close, why))

    def _deny(self, order: Order, reason: str) -> None:
        denied = OrderDenied(
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            reason=reason,
            event_id=UUID4(),
            ts_init=self.clock.timestamp_ns(),
        )
        self.msgbus.send("ExecEngine.process", denied)
