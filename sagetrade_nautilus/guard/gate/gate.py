"""The gate: the last door before the execution engine. Every order command passes it, whoever sent it.

It takes over the message bus endpoint ``ExecEngine.execute``, behind the strategies, the risk engine, the order
emulator and the execution algorithms alike. Cancels and queries always pass. What reduces is cut to what is open. What
would open or enlarge must pass every limit; a limit that raises denies. A command that it does not know is refused.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.messages import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    QueryAccount,
    QueryOrder,
)
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.identifiers import ClientOrderId, PositionId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.execution.commands import EXECUTE
from sagetrade_nautilus.guard.gate import verdicts
from sagetrade_nautilus.guard.gate.account import Account
from sagetrade_nautilus.guard.gate.book import Book, Moment, ProposedOrder
from sagetrade_nautilus.guard.gate.entry import Entry, not_sized, proposal
from sagetrade_nautilus.guard.gate.limits import Limit, remembered_s, standings
from sagetrade_nautilus.guard.gate.reduction import Cut, cuts, enlarged
from sagetrade_nautilus.guard.gate.resend import UNSPOKEN, Resends
from sagetrade_nautilus.guard.gate.traffic import Traffic, sent
from sagetrade_nautilus.guard.standing import Denial, Standing
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import COMMANDS_TOPIC, GATE_ENDPOINT
from sagetrade_nautilus.model.market import Market
from sagetrade_nautilus.orders import orders_of
from sagetrade_nautilus.prices import Prices

HARMLESS = (CancelOrder, CancelAllOrders, BatchCancelOrders, QueryOrder, QueryAccount)


class Gate:
    """Judges every command on its way to the execution engine.

    Parameters
    ----------
    limits : sequence of Limit
        Asked in this order; the first denial stands.
    messages_max : int
        How many orders and changes that only reduce may leave within a second.
    account : Account
        Knows the kill switch, the circuit breaker and the books, and hears of what was held back.
    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: CacheFacade,
        clock: Clock,
        limits: Sequence[Limit],
        messages_max: int,
        account: Account,
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._limits = limits
        self._messages_max = messages_max
        self._account = account
        self._passed: list[Order] = []
        self._resends = Resends()
        self.traffic = Traffic(remembered_s(limits))
        self._forward: Callable[[Any], None] | None = None

    def install(self, engine: ExecutionEngine) -> None:
        """Stand in front of the execution engine.

        A live engine queues what the gate lets through. What leaves the queue asks the switches once more.

        Raises
        ------
        GuardError
            The engine's handler is not where it should be, so nothing may trade.
        """
        if EXECUTE not in self._msgbus.endpoints():
            raise GuardError(f"endpoint {EXECUTE} is missing; install the supported nautilus_trader, 1.231.*")
        self._msgbus.deregister(EXECUTE, engine.execute)
        self._msgbus.register(EXECUTE, self.execute)
        self._msgbus.register(GATE_ENDPOINT, lambda tell: tell(self._switched_off(reduces=True) is None))
        self._forward = engine.execute
        if isinstance(engine, LiveExecutionEngine):
            self.guard_queue(engine)

    def guard_queue(self, engine: Any) -> None:
        """Ask the switches again when a live engine takes a command from its queue: it may have waited there.

        Raises
        ------
        GuardError
            The engine does not take its commands as this Nautilus version does.
        """
        take = getattr(engine, "_execute_command", None)
        if take is None:
            raise GuardError("the execution engine's queue cannot be guarded; install nautilus_trader 1.231.*")
        engine._execute_command = partial(self._leave_queue, take)

    def _leave_queue(self, forward: Callable[[Any], None], command: Any) -> None:
        """Forward what was let through, unless the switches have changed since."""
        if isinstance(command, ModifyOrder):
            order = self._cache.order(command.client_order_id)
            reason = None if order is None else self._switched_off(reduces=order.is_reduce_only)
            if reason is not None:
                self._refuse_change(order, command, reason)
                return
        elif orders := orders_of(command):
            reason = self._switched_off(reduces=all(order.is_reduce_only for order in orders))
            if reason is not None:
                self._hold_back(orders, reason)
                return
        forward(command)

    def execute(self, command: Any) -> None:
        """Forward `command`, or deny what it carries.

        Raises
        ------
        GuardError
            The gate is not installed, or nobody knows what such a command does.
        """
        if self._forward is None:
            raise GuardError("the gate was called before it was installed")
        if orders := orders_of(command):
            allowed = self._admit(orders, command.position_id)
        elif isinstance(command, ModifyOrder):
            allowed = self._admit_change(command)
        elif isinstance(command, HARMLESS):
            allowed = True
        else:
            raise GuardError(f"the gate knows no {type(command).__name__}, so it does not pass")
        if allowed:
            self._forward(command)
            self._msgbus.publish(COMMANDS_TOPIC, command)

    def pending(self) -> list[Order]:
        """Return the orders that were let through and of which the venue's client has not spoken yet."""
        self._passed = [order for order in self._passed if order.status in UNSPOKEN]
        return self._passed

    def standings(self) -> list[Standing]:
        """Return how far each limit on a number is now, the worst over all instruments."""
        ts = self._clock.timestamp_ns()
        prices = Prices(self._cache, ts)
        book = self._account.book(prices, frozenset())
        empty = {one.id: ProposedOrder(symbol=one.id.value, notional=0.0) for one in self._cache.instruments()}
        asked = ((order, self._moment(order, ts, book, prices.market(name))) for name, order in empty.items())
        return standings(self._limits, asked)

    def _admit(self, orders: list[Order], position_id: PositionId | None) -> bool:
        """Judge orders that leave together: one that may not leave holds all of them back."""
        entries = [Entry.of(order) for order in orders if not order.is_reduce_only]
        reason: Denial | str | None = self._repeated(orders) or not_sized(orders)
        if reason is None and not entries:
            reason = self._switched_off(reduces=True)
        smaller: list[Cut] = []
        if reason is None:
            reason, smaller = self._cuts(orders, position_id)
        if reason is None:
            reason = self._reason(entries) if entries else self._too_many(len(orders))
        if reason is not None:
            self._hold_back(orders, reason, left={order.client_order_id for order in self.pending()})
            return False
        for order, allowed in smaller:
            asked = order.quantity
            verdicts.cut(self._msgbus, self._cache, order, allowed, position_id, self._clock.timestamp_ns())
            self._account.clipped(order, asked)
        self._passed.extend(orders)
        for order in orders:
            self._resends.note(order)
        return True

    def _repeated(self, orders: list[Order]) -> str | None:
        """Return why one of `orders` may not leave under its id, because it or another has left under it before."""
        found = (self._resends.refusal(order, self._cache.order(order.client_order_id)) for order in orders)
        return next(filter(None, found), None)

    def _hold_back(
        self, orders: Sequence[Order], reason: Denial | str, left: Collection[ClientOrderId] = frozenset()
    ) -> None:
        """Deny `orders`. One that has `left` already lives on, whatever is said of its repeat."""
        for order in orders:
            self._account.denied(order, reason)
            if order.client_order_id not in left:
                verdicts.deny(self._msgbus, self._cache, order, str(reason), self._clock.timestamp_ns())

    def _admit_change(self, command: ModifyOrder) -> bool:
        order = self._cache.order(command.client_order_id)
        if order is None:
            verdicts.reject_change(self._msgbus, command, "the order is not known here", self._clock.timestamp_ns())
            return False
        reason: Denial | str | None
        if order.is_reduce_only:
            reason = self._switched_off(reduces=True) or self._enlarged(order, command.quantity)
        else:
            reason = self._reason([Entry.of(order, command)])
        if reason is not None:
            self._refuse_change(order, command, reason)
        return reason is None

    def _refuse_change(self, order: Order, command: ModifyOrder, reason: Denial | str) -> None:
        self._account.denied(order, reason)
        verdicts.reject_change(self._msgbus, command, str(reason), self._clock.timestamp_ns())

    def _switched_off(self, *, reduces: bool) -> str | None:
        """Return what the switches have against it. A halt lets out what only reduces if positions are to be closed."""
        try:
            state, flatten, reason = self._account.switch()
        except Exception as error:  # noqa: BLE001 - the guard's edge: a switch that cannot be read is off
            return f"kill_switch: unreadable: {type(error).__name__}: {error}"
        passes = state is State.RUNNING or (reduces and (state is not State.HALTED or flatten))
        return None if passes else reason

    def _reason(self, entries: Sequence[Entry]) -> Denial | str | None:
        """Return why `entries` may not leave. Whatever goes wrong on the way to an answer is a denial."""
        ts = self._clock.timestamp_ns()
        try:
            left = self._judge(entries, ts)
        except Exception as error:  # noqa: BLE001 - the guard's edge: a limit that raises denies
            return f"a limit failed: {type(error).__name__}: {error}"
        if isinstance(left, Denial | str):
            return left
        self.traffic.left(left, ts)
        self.traffic.message(ts, reduces=False, count=len(left))
        return None

    def _judge(self, entries: Sequence[Entry], ts: int) -> list[tuple[ProposedOrder, float]] | Denial | str:
        """Ask every limit of every entry, each with those before it on their way; return them, or the first denial."""
        prices = Prices(self._cache, ts)
        book = self._account.book(prices, frozenset(entry.order.client_order_id for entry in entries))
        switched_off = self._switched_off(reduces=False)  # after the book, which may have tripped the circuit breaker
        if switched_off is not None:
            return switched_off
        left: list[tuple[ProposedOrder, float]] = []
        for entry in entries:
            market = prices.market(entry.order.instrument_id)
            wish = proposal(entry, market)
            now = self._moment(wish, ts, book, market, [order for order, _ in left])
            for limit in self._limits:
                denial = limit.check(wish, now)
                if denial is not None:
                    return denial
            book = book.after(wish)
            left.append((wish, market.price))
        return left

    def _moment(
        self, order: ProposedOrder, ts: int, book: Book, market: Market, left: Sequence[ProposedOrder] = ()
    ) -> Moment:
        return Moment(
            ts,
            book,
            market,
            [*self.traffic.sent, *(sent(other, ts) for other in left)] if left else self.traffic.sent,
            self.traffic.messages(ts, reduces=False) + len(left),
            self.traffic.slippage_bps(order.symbol, ts),
            self._account.cluster(order.symbol, book),
        )

    def _cuts(self, orders: Sequence[Order], position_id: PositionId | None) -> tuple[str | None, list[Cut]]:
        try:
            return cuts(self._cache, orders, position_id, self.pending())
        except Exception as error:  # noqa: BLE001 - the guard's edge: a check that raises denies
            return f"a limit failed: {type(error).__name__}: {error}", []

    def _enlarged(self, order: Order, size: Quantity | None) -> str | None:
        try:
            return enlarged(self._cache, order, size, self.pending()) or self._too_many(1)
        except Exception as error:  # noqa: BLE001 - the guard's edge: a check that raises denies
            return f"a limit failed: {type(error).__name__}: {error}"

    def _too_many(self, count: int) -> str | None:
        """Take note of messages that reduce; return why they may not leave, which only a runaway loop should hear."""
        ts = self._clock.timestamp_ns()
        total = self.traffic.messages(ts, reduces=True) + count
        if total > self._messages_max:
            return str(Denial("max_messages_per_s", total, self._messages_max))
        self.traffic.message(ts, reduces=True, count=count)
        return None
