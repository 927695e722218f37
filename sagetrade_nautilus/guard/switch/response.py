"""What a node does when trading is stopped: cancels what may not rest, locks strategies, closes positions if asked.

And where positions may only be reduced in one instrument alone: it cancels what could enlarge one there.

The same code answers the kill switch in a live node and the circuit breaker, in a backtest too: it knows no event loop
and no file. Orders go out through the gate, like everybody's.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from decimal import Decimal

import msgspec
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock, MessageBus, TimeEvent
from nautilus_trader.core.fsm import InvalidStateTrigger
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus import sizes
from sagetrade_nautilus.account import held_positions
from sagetrade_nautilus.execution.commands import EXECUTE, cancel
from sagetrade_nautilus.guard import commands
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState
from sagetrade_nautilus.model.records import read_tags
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND, NANOS_PER_SECOND
from sagetrade_nautilus.orders import closing_side

EMULATOR = "OrderEmulator.execute"
ORDER_EVENTS = "events.order.*"
POSITION_EVENTS = "events.position.*"
ROLE = "flatten"
SOON_NS = 10 * NANOS_PER_MILLISECOND
RETRY_NS_MIN = 500 * NANOS_PER_MILLISECOND
RETRY_NS_MAX = 8 * NANOS_PER_SECOND


class Response(msgspec.Struct, frozen=True):
    """What was done: how many cancels and closing orders were sent, and whether strategies are locked."""

    cancelled: int = 0
    closing: int = 0
    locked: bool = False


class SwitchResponse:
    """Brings a node's orders and positions to what a state of the kill switch asks for, and keeps them there.

    NO_ENTRIES
        Nothing is cancelled.
    REDUCE_ONLY
        Every order that can open or enlarge is cancelled, wherever it is: at the venue, on its way, in the emulator
        or in an execution algorithm. Orders that only reduce stay, until the entry that they belong to is gone.
    HALTED
        The same, and strategies are locked. Stops and take-profits that rest at the venue stay there: a position
        without them would be worse. One that the emulator holds stays too, but the gate denies its release.
    `flatten`
        All orders are cancelled, those that protect too, and positions are closed by market orders that only reduce.

    A closing order is as large as its position less every order, on whichever way it is, that could still trade
    against that position. So nothing closes more than is open, whatever is filled meanwhile; it takes as many orders
    as it takes. What the venue does not confirm is asked again, after 0.5 s, 1 s and so on up to 8 s, until nothing is
    left to do; what appears later is dealt with in the same way, until `apply` says otherwise.

    Parameters
    ----------
    pending : callable
        Returns the orders that the gate let through and of which the venue's client has not spoken yet.
    reduce_only : callable
        Returns the instruments in which nothing may be opened or enlarged, whatever the state is. Orders of the run's
        strategies alone are cancelled for that; others may be a person's.
    hop : callable
        Runs its argument where orders may be handled: at once in a backtest; on the event loop in a live node, whose
        clock calls from a thread of its own.
    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: CacheFacade,
        clock: Clock,
        pending: Callable[[], list[Order]] = list,
        reduce_only: Callable[[], Collection[str]] = tuple,
        hop: Callable[[Callable[[], None]], object] = lambda call: call(),
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._pending = pending
        self._reduce_only = reduce_only
        self._hop = hop
        self._wish = (State.RUNNING, False)
        self._done = Response()
        self._closing_ids: set[ClientOrderId] = set()
        self._fault: Exception | None = None
        self._turns: dict[str, tuple[int, int]] = {}
        self._alerts = 0
        self._alert_ns = 0

    @property
    def done(self) -> Response:
        """All that was done since trading was stopped."""
        return self._done

    def apply(self, state: State, *, flatten: bool, reason: str) -> Response:
        """Do what `state` asks for, from now on, and return what was sent at once. The last call stands.

        Call it where orders may be handled: in a live node, on the event loop. An order that cannot be cancelled or
        closed for an error holds up none of the others; the error is raised at the end, and the order tried again.
        Nothing is read or written here that outlives the process: whoever calls this in a live node has engaged the
        latch before. RUNNING ends it, and unlocks; what was cancelled or closed is not brought back.
        """
        wish = (state, flatten and state > State.RUNNING)
        if wish != self._wish:
            self._listen(before=self._wish[0] > State.RUNNING, after=state > State.RUNNING)
            if state is State.RUNNING or self._wish[0] is State.RUNNING:
                self._done = Response()
            self._wish = wish
            self._turns.clear()
        locked = state is State.HALTED
        self._msgbus.publish(TRADING_STATE_TOPIC, TradingState(state.value, locked, reason))
        self._done = msgspec.structs.replace(self._done, locked=locked)
        return self._work()

    def look(self) -> None:
        """See soon to what may rest now: call it when `reduce_only` has changed."""
        self._look_again(self._now())

    def _listen(self, *, before: bool, after: bool) -> None:
        change = self._msgbus.subscribe if after else self._msgbus.unsubscribe
        if before != after:
            for topic in (ORDER_EVENTS, POSITION_EVENTS):
                change(topic=topic, handler=self._on_event)

    def _on_event(self, event: object) -> None:
        self._look_again(self._now() + SOON_NS)

    def _work(self) -> Response:
        """Send what is to be sent now, and see to it that what is not confirmed is looked at again."""
        state, flatten = self._wish
        is_stopped, barred = state >= State.REDUCE_ONLY or flatten, self._reduce_only()
        if not (is_stopped or barred):
            return Response()
        alive, left = self._alive(), {order.client_order_id for order in self._pending()}
        meant = [order for order in alive if is_stopped or _is_barred(order, barred)]
        unwanted = [order for order in meant if self._must_go(order, flatten) and not _is_coming(order, left)]
        due = [order for order in unwanted if self._take_turn(order.client_order_id.value)]
        for order in due:
            self._attempt(self._cancel, order, order.client_order_id in left)
        positions = held_positions(self._cache) if flatten else []
        closing = sum(self._attempt(self._close, position, alive) for position in positions)
        sent = Response(len(due), closing, self._done.locked)
        self._done = Response(self._done.cancelled + len(due), self._done.closing + closing, self._done.locked)
        open_ids = [order.client_order_id.value for order in unwanted] + [_key(position) for position in positions]
        if open_ids:
            later = self._now() + RETRY_NS_MIN
            self._look_again(min(self._turns[key][1] if key in self._turns else later for key in open_ids))
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault
        return sent

    def _attempt[**Given](self, act: Callable[Given, bool], *given: Given.args, **named: Given.kwargs) -> bool:
        """Do `act`; what it raises is raised when all the others had their turn."""
        try:
            return act(*given, **named)
        except Exception as error:  # noqa: BLE001 - an order that fails must not hold up the others
            self._fault = error
            return False

    def _alive(self) -> list[Order]:
        """Return every order that may still be filled, oldest first."""
        cache = self._cache
        found = [*cache.orders_open(), *cache.orders_inflight(), *cache.orders_emulated(), *self._pending()]
        for algorithm in cache.exec_algorithm_ids():
            found += cache.orders_for_exec_algorithm(algorithm)
        orders = {order.client_order_id: order for order in found if not order.is_closed}
        return sorted(orders.values(), key=_age)

    def _must_go(self, order: Order, flatten: bool) -> bool:
        if order.client_order_id in self._closing_ids:
            return False
        if flatten or not order.is_reduce_only:
            return True
        parent = self._cache.order(order.parent_order_id) if order.parent_order_id is not None else None
        return parent is not None and parent.is_closed and parent.filled_qty.as_decimal() == 0

    def _take_turn(self, key: str) -> bool:
        """Return whether it is time to ask for `key` (again); the pause doubles each time."""
        count, due_ns = self._turns.get(key, (0, 0))
        now_ns = self._now()
        if now_ns < due_ns:
            return False
        self._turns[key] = (count + 1, now_ns + min(RETRY_NS_MAX, RETRY_NS_MIN << min(count, 8)))
        return True

    def _cancel(self, order: Order, has_left: bool) -> bool:
        """Send a cancel to where the order is: the emulator, its execution algorithm, or the venue."""
        if not has_left and order.emulation_trigger != TriggerType.NO_TRIGGER:
            endpoint = EMULATOR
        elif not has_left and order.is_active_local and order.exec_algorithm_id is not None:
            endpoint = f"{order.exec_algorithm_id.value}.execute"
        else:
            endpoint = EXECUTE
            self._mark_pending_cancel(order)
        self._msgbus.send(endpoint, cancel(order, self._cache.client_id(order.client_order_id), self._now()))
        return True

    def _mark_pending_cancel(self, order: Order) -> None:
        """Note the cancel on the order, so that Nautilus asks the venue if no answer comes.

        It is not published, as Nautilus's own `cancel_all_orders` does not: no cancel waits for the journal's disk.
        """
        if order.is_active_local or order.is_pending_cancel:
            return
        with suppress(InvalidStateTrigger):  # the cancel is sent all the same
            order.apply(commands.pending_cancel(order, self._now()))
            self._cache.update_order(order)

    def _close(self, position: Position, alive: Iterable[Order]) -> bool:
        """Send an order for what can be closed of `position` without ever turning it round."""
        rivals = [order.leaves_qty.as_decimal() for order in alive if self._may_reduce(order, position)]
        room = position.quantity.as_decimal() - sum(rivals, Decimal(0))
        instrument = self._cache.instrument(position.instrument_id)
        if instrument is not None and instrument.max_quantity is not None:
            room = min(room, instrument.max_quantity.as_decimal())
        if room <= 0 or not self._take_turn(_key(position)):
            return False
        self._send(position, sizes.exact(room, position.quantity.precision))
        return True

    def _may_reduce(self, order: Order, position: Position) -> bool:
        same = (order.instrument_id, order.strategy_id) == (position.instrument_id, position.strategy_id)
        may = same and order.side == closing_side(position) and not order.is_closed
        return may and self._cache.position_id(order.client_order_id) in (None, position.id)

    def _send(self, position: Position, quantity: Quantity) -> None:
        opening = self._cache.order(position.opening_order_id)
        trade_id = read_tags(opening).trade_id
        tags = [trade_id, ROLE] if trade_id else None
        now = self._now()
        order_id = ClientOrderId(f"F-{now}-{len(self._closing_ids)}")
        order = commands.closing_order(position, quantity, order_id, tags, now)
        client_id = self._cache.client_id(position.opening_order_id)
        self._closing_ids.add(order_id)
        self._cache.add_order(order, position.id, client_id)
        self._msgbus.publish(f"events.order.{order.strategy_id.value}", order.init_event)
        self._msgbus.send(EXECUTE, commands.submit(order, position, client_id))

    def _now(self) -> int:
        ts: int = self._clock.timestamp_ns()
        return ts

    def _look_again(self, at_ns: int) -> None:
        """Have `_work` run at `at_ns`, or soon if that is past; an alert that comes earlier is enough."""
        now_ns = self._now()
        at_ns = max(at_ns, now_ns + SOON_NS)
        if now_ns <= self._alert_ns <= at_ns:
            return
        self._alerts += 1
        self._alert_ns = at_ns
        self._clock.set_time_alert_ns(f"switch-response-{self._alerts}", at_ns, self._on_alert)

    def _on_alert(self, event: TimeEvent) -> None:
        self._hop(self._wake)

    def _wake(self) -> None:
        self._alert_ns = 0
        self._work()


def _is_barred(order: Order, symbols: Collection[str]) -> bool:
    return order.instrument_id.value in symbols and not order.strategy_id.is_external()


def _is_coming(order: Order, left: set[ClientOrderId]) -> bool:
    """Whether the order is an execution algorithm's slice on its way to the gate, which has yet to judge it."""
    return order.is_spawned and order.is_active_local and order.client_order_id not in left


def _key(position: Position) -> str:
    """Name a position at its present size, so that one which shrinks is dealt with at once."""
    return f"{position.id.value}:{position.quantity}"


def _age(order: Order) -> tuple[int, str]:
    """Order by age, then by name: caches answer in no order that could be relied on."""
    return order.ts_init, order.client_order_id.value
