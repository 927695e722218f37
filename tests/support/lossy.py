"""A venue behind a wire that loses and delays what goes over it. It keeps every order that reached it, by client id."""

import random
from collections.abc import Callable
from typing import Any

import msgspec
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.execution.messages import CancelOrder, QueryOrder, SubmitOrder
from nautilus_trader.model.enums import AccountType, OmsType, OrderStatus
from nautilus_trader.model.identifiers import AccountId, ClientId, ClientOrderId, VenueOrderId
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.messages import ORDER_WATCH_TOPIC, OrderUnknown

LOSSY = ClientId("LOSSY")
ACCOUNT = AccountId("LOSSY-001")


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """How often which message is lost, and a cancel is refused, in [0, 1]; and how long a message takes at most."""

    request: float = 0.0
    reply: float = 0.0
    question: float = 0.0
    answer: float = 0.0
    cancel: float = 0.0
    refusal: float = 0.0
    delay_ms_max: int = 0


class LossyClient(ExecutionClient):
    """Accepts whatever reaches it; says so if the wire lets it. Nothing is filled.

    Parameters
    ----------
    refuses_repeats : bool
        Whether the venue takes a client order id only once, and answers a repeat with what it has.
    """

    def __init__(self, made: BacktestEngine, wire: Wire, seed: int, *, refuses_repeats: bool) -> None:
        kernel = made.kernel
        super().__init__(
            LOSSY, None, OmsType.HEDGING, AccountType.MARGIN, None, kernel.msgbus, kernel.cache, kernel.clock
        )
        self._set_account_id(ACCOUNT)
        self._wire = wire
        self._rng = random.Random(seed)  # noqa: S311 - a test's faults
        self._refuses_repeats = refuses_repeats
        self._kernel = kernel
        self._alerts = 0
        self.opened: dict[ClientOrderId, list[tuple[Any, ...]]] = {}
        self.dead: set[ClientOrderId] = set()
        self.arrived = 0
        made.kernel.exec_engine.register_client(self)

    def submit_order(self, command: SubmitOrder) -> None:
        order, now = command.order, self._kernel.clock.timestamp_ns()
        if order.status == OrderStatus.INITIALIZED:
            self.generate_order_submitted(order.strategy_id, order.instrument_id, order.client_order_id, now)
        body = (order.quantity, order.price if order.has_price else None)
        self._carry(self._wire.request, lambda: self._arrive(order, body))

    def query_order(self, command: QueryOrder) -> None:
        self._carry(self._wire.question, lambda: self._answer(command.client_order_id))

    def cancel_order(self, command: CancelOrder) -> None:
        if self._wire.refusal and self._rng.random() < self._wire.refusal:
            self._carry(0.0, lambda: self._refuse(command.client_order_id))
        else:
            self._carry(self._wire.cancel, lambda: self._cancel(command.client_order_id))

    def _arrive(self, order: Order, body: tuple[Any, ...]) -> None:
        self.arrived += 1
        known = self.opened.setdefault(order.client_order_id, [])
        if not known or not self._refuses_repeats:
            known.append(body)
        self._carry(self._wire.reply, lambda: self._tell(order.client_order_id))

    def _cancel(self, client_order_id: ClientOrderId) -> None:
        if client_order_id in self.opened:
            self.dead.add(client_order_id)
            self._carry(self._wire.reply, lambda: self._tell(client_order_id))

    def _refuse(self, client_order_id: ClientOrderId) -> None:
        order, now = self._kernel.cache.order(client_order_id), self._kernel.clock.timestamp_ns()
        ids = (order.strategy_id, order.instrument_id, client_order_id, VenueOrderId(f"V-{client_order_id}"))
        self.generate_order_cancel_rejected(*ids, "too many requests", now)

    def _answer(self, client_order_id: ClientOrderId) -> None:
        if client_order_id in self.opened:
            self._carry(self._wire.answer, lambda: self._tell(client_order_id))
        else:
            unknown = OrderUnknown(client_order_id.value)
            self._carry(self._wire.answer, lambda: self._kernel.msgbus.publish(ORDER_WATCH_TOPIC, unknown))

    def _tell(self, client_order_id: ClientOrderId) -> None:
        """Say what the venue has, as far as it is news: that it was accepted, and that it is dead."""
        order, now = self._kernel.cache.order(client_order_id), self._kernel.clock.timestamp_ns()
        ids = (order.strategy_id, order.instrument_id, client_order_id, VenueOrderId(f"V-{client_order_id}"))
        if order.status == OrderStatus.SUBMITTED:
            self.generate_order_accepted(*ids, now)
        if client_order_id in self.dead and not order.is_closed:
            self.generate_order_canceled(*ids, now)

    def _carry(self, lost: float, deliver: Callable[[], None]) -> None:
        """Deliver now or later, or not at all."""
        if self._rng.random() < lost:
            return
        self._alerts += 1
        due = self._kernel.clock.timestamp_ns() + self._rng.randint(0, self._wire.delay_ms_max) * 1_000_000 + 1
        self._kernel.clock.set_time_alert_ns(f"wire-{self._alerts}", due, lambda event: deliver())
