"""The gate: the last door before the execution engine. Every order command passes it, whoever sent it.

It takes over the message bus endpoint ``ExecEngine.execute``, behind the strategies, the risk engine, the order
emulator and the execution algorithms alike. Cancels and queries always pass. Orders that can only reduce pass. What
would open or enlarge must pass every limit; a limit that raises denies.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import OrderDenied, OrderModifyRejected
from nautilus_trader.model.identifiers import ClientOrderId, PositionId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.book import Book, Market, Moment, Proposal, SentOrder
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.limits import Limit
from sagetrade_nautilus.guard.market import read_market
from sagetrade_nautilus.guard.reduction import excess_of, held, opened_by
from sagetrade_nautilus.guard.state import State

EXECUTE = "ExecEngine.execute"
PROCESS = "ExecEngine.process"
REMEMBERED_ORDERS = 1_000
UNSPOKEN = (OrderStatus.INITIALIZED, OrderStatus.EMULATED, OrderStatus.RELEASED)

Entry = tuple[Order, Quantity, Price | None]
"""An order that opens or enlarges, its size, and the price that a change gives it."""


class Gate:
    """Judges every command on its way to the execution engine.

    Parameters
    ----------
    limits : sequence of Limit
        Asked in this order; the first denial stands.
    read_book : callable
        Returns the account as it stands, without the given orders.
    on_denial : callable
        Told of every denial: the order and the reason.
    latch : Latch, optional
        The kill switch, read anew at every command. Without one there is nothing to switch off, as in a simulation.
    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: CacheFacade,
        clock: Clock,
        limits: Sequence[Limit],
        read_book: Callable[[frozenset[ClientOrderId]], Book],
        on_denial: Callable[[Order, str], None],
        latch: Latch | None = None,
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._limits = limits
        self._read_book = read_book
        self._on_denial = on_denial
        self._latch = latch
        self._passed: list[Order] = []
        self._sent: deque[SentOrder] = deque(maxlen=REMEMBERED_ORDERS)
        self._forward: Callable[[Any], None] | None = None

    def install(self, execute: Callable[[Any], None]) -> None:
        """Stand in front of `execute`, the execution engine's own handler.

        Raises
        ------
        GuardError
            The engine's handler is not where it should be, so nothing may trade.
        """
        if EXECUTE not in self._msgbus.endpoints():
            raise GuardError(f"endpoint {EXECUTE} is missing; this Nautilus version is not supported")
        self._msgbus.deregister(EXECUTE, execute)
        self._msgbus.register(EXECUTE, self.execute)
        self._forward = execute

    def execute(self, command: Any) -> None:
        """Forward `command`, or deny what it carries."""
        if self._forward is None:
            raise GuardError("the gate was called before it was installed")
        if isinstance(command, SubmitOrder):
            allowed = self._admit([command.order], command.position_id)
        elif isinstance(command, SubmitOrderList):
            allowed = self._admit(command.order_list.orders, command.position_id)
        elif isinstance(command, ModifyOrder):
            allowed = self._admit_change(command)
        else:
            allowed = True
        if allowed:
            self._forward(command)

    def guard_queue(self, engine: Any) -> None:
        """Ask the kill switch again when a live engine takes a command from its queue: it may have waited there.

        Raises
        ------
        GuardError
            The engine does not take its commands as this Nautilus version does.
        """
        take = getattr(engine, "_execute_command", None)
        if take is None:
            raise GuardError("the execution engine's queue cannot be guarded; this Nautilus version is not supported")
        engine._execute_command = lambda command: take(command) if self._still_allowed(command) else None

    def pending(self) -> list[Order]:
        """Return the orders that were let through and of which the venue's client has not spoken yet."""
        self._passed = [order for order in self._passed if order.status in UNSPOKEN]
        return self._passed

    def _admit(self, orders: list[Order], position_id: PositionId | None) -> bool:
        """Judge orders that leave together: one that may not leave holds all of them back."""
        entries = [order for order in orders if not order.is_reduce_only]
        ids = frozenset(order.client_order_id for order in entries)
        reason = self._switched_off(only_reduces=not entries)
        reason = reason or self._reason([(order, order.quantity, None) for order in entries], ids)
        reason = reason or self._enlarging(orders, position_id)
        if reason is None:
            self._passed.extend(orders)
            return True
        for order in orders:
            self._deny(order, reason)
        return False

    def _admit_change(self, command: ModifyOrder) -> bool:
        order = self._cache.order(command.client_order_id)
        if order is None:
            return False  # there is nothing to change
        reason = self._switched_off(only_reduces=order.is_reduce_only)
        if reason is None and not order.is_reduce_only:
            change = (order, command.quantity or order.quantity, command.price)
            reason = self._reason([change], frozenset({order.client_order_id}))
        if reason is not None:
            self._reject_change(order, reason)
        return reason is None

    def _still_allowed(self, command: Any) -> bool:
        if isinstance(command, ModifyOrder):
            order = self._cache.order(command.client_order_id)
            reason = None if order is None else self._switched_off(only_reduces=order.is_reduce_only)
            if reason is not None:
                self._reject_change(order, reason)
            return reason is None
        if not isinstance(command, SubmitOrder | SubmitOrderList):
            return True
        orders = [command.order] if isinstance(command, SubmitOrder) else command.order_list.orders
        reason = self._switched_off(only_reduces=all(order.is_reduce_only for order in orders))
        if reason is not None:
            for order in orders:
                self._deny(order, reason)
        return reason is None

    def _switched_off(self, *, only_reduces: bool) -> str | None:
        """Return what the kill switch has against it. A halt lets out what only reduces if it asks to flatten."""
        if self._latch is None:
            return None
        try:
            record = self._latch.read()
        except Exception as error:  # noqa: BLE001 - the guard's edge: a switch that cannot be read is off
            return f"kill_switch: unreadable: {type(error).__name__}: {error}"
        state = record.state
        passes = state is State.RUNNING or (only_reduces and (state is not State.HALTED or record.flatten))
        return None if passes else f"kill_switch: {state.value}: {record.reason}"

    def _reason(self, entries: list[Entry], ids: frozenset[ClientOrderId]) -> str | None:
        """Return why `entries` may not leave. Whatever goes wrong on the way to an answer is a denial."""
        if not entries:
            return None
        ts = self._clock.timestamp_ns()
        left: list[SentOrder] = []
        try:
            book = self._read_book(ids)
            for order, size, price in entries:
                market = read_market(self._cache, order.instrument_id, ts)
                proposal = _proposal(order, size, price, market)
                now = Moment(ts, book, market, (*self._sent, *left))
                for limit in self._limits:
                    denial = limit.check(proposal, now)
                    if denial is not None:
                        return str(denial)
                book = book.after(proposal)
                left.append(_sent(proposal, ts))
        except Exception as error:  # noqa: BLE001 - the guard's edge: a limit that raises denies
            return f"a limit failed: {type(error).__name__}: {error}"
        self._sent.extend(left)
        return None

    def _enlarging(self, orders: list[Order], position_id: PositionId | None) -> str | None:
        """Return why orders that say they only reduce would do more: exceed what is open, or point the wrong way."""
        opening = {order.instrument_id: order for order in orders if not order.is_reduce_only}
        for order in orders:
            if not order.is_reduce_only:
                continue
            try:
                parent = opening.get(order.instrument_id)
                known = (
                    opened_by(parent) if parent is not None else held(self._cache, order, position_id, self.pending())
                )
                excess = excess_of(order, known)
            except Exception as error:  # noqa: BLE001 - the guard's edge: a check that raises denies
                return f"a limit failed: {type(error).__name__}: {error}"
            if excess is not None:
                return excess
        return None

    def _deny(self, order: Order, reason: str) -> None:
        if not self._cache.order_exists(order.client_order_id):
            self._cache.add_order(order)
        now = self._clock.timestamp_ns()
        self._on_denial(order, reason)
        self._msgbus.send(
            PROCESS,
            OrderDenied(
                trader_id=order.trader_id,
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                reason=reason,
                event_id=UUID4(),
                ts_init=now,
            ),
        )

    def _reject_change(self, order: Order, reason: str) -> None:
        now = self._clock.timestamp_ns()
        self._on_denial(order, reason)
        self._msgbus.send(
            PROCESS,
            OrderModifyRejected(
                trader_id=order.trader_id,
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                venue_order_id=order.venue_order_id,
                account_id=order.account_id,
                reason=reason,
                event_id=UUID4(),
                ts_event=now,
                ts_init=now,
            ),
        )


def _proposal(order: Order, size: Quantity, new_price: Price | None, market: Market) -> Proposal:
    """Return what the order could cost at most: its size at the highest of its own prices and the last."""
    asked = new_price or (order.price if order.has_price else None)
    stop = order.trigger_price if order.has_trigger_price else None
    named = tuple(price.as_double() for price in (asked, stop) if price is not None)
    return Proposal(
        symbol=order.instrument_id.value,
        notional=size.as_double() * max((market.price, *named)),
        sells=order.is_sell,
        strategy=order.strategy_id.value,
        quantity=size.as_double(),
        named_prices=named,
    )


def _sent(order: Proposal, ts: int) -> SentOrder:
    return SentOrder(ts, order.strategy, order.symbol, order.sells, order.quantity, order.named_prices)
