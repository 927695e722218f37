"""What the invariants are asked about: gathered from the venue, the feed, the switch and the journal alone."""

from decimal import Decimal
from math import nan
from pathlib import Path
from typing import Any

from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.drill.feed import Feed
from sagetrade_nautilus.drill.invariants import Leaving, Settled
from sagetrade_nautilus.drill.node import Node
from sagetrade_nautilus.drill.plan import DAY, SYMBOLS, Plan
from sagetrade_nautilus.drill.switch import Switch
from sagetrade_nautilus.drill.venue import Ask, Venue
from sagetrade_nautilus.drill.wire import Traffic
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal import check, read
from sagetrade_nautilus.guard.records import DenialRecord, OrderRecord, RunRecord, StateRecord
from sagetrade_nautilus.guard.state import State


class Evidence:
    """Looks at the world as it is."""

    def __init__(
        self, plan: Plan, venue: Venue, feed: Feed, switch: Switch, traffic: Traffic, journal: Path
    ) -> None:
        self._plan = plan
        self._venue = venue
        self._feed = feed
        self._switch = switch
        self._traffic = traffic
        self._journal = journal
        self._passed: dict[Any, tuple[State, bool]] = {}
        self._day = -1
        self._day_start = nan
        self._lives_seen = 0

    def begin_life(self, clock: int) -> None:
        """Note that a process starts, with the account as it is."""
        self._passed.clear()
        self._day = clock // DAY
        self._day_start = self._worth(known=False)

    def passed(self, command: Any) -> None:
        """Note what the kill switch says when the gate lets `command` through."""
        self._passed[command.id] = (self._switch.state, self._switch.flatten)

    def leaving(self, node: Node, command: Any, asks: tuple[Ask, ...]) -> list[Leaving]:
        """Return what leaves with `command`, each order as if those before it had left."""
        clock = node.now()
        if clock // DAY > self._day:
            self._day, self._day_start = clock // DAY, self._worth(known=False)
        if isinstance(command, ModifyOrder):
            order = node.cache.order(command.client_order_id)
            return [self._change(command, order, clock)] if order is not None else []
        made: list[Leaving] = []
        before: list[Ask] = []
        for ask in asks:
            made.append(self._order(command, ask, clock, before))
            before.append(ask)
        return made

    def settled(self, node: Node | None) -> Settled:
        """Return both sides as they are."""
        ours = dict.fromkeys(SYMBOLS, Decimal(0))
        open_here: frozenset[str] = frozenset()
        if node is not None:
            for position in node.cache.positions_open():
                ours[position.instrument_id.value] += position.signed_decimal_qty()
            orders = [*node.cache.orders_open(), *node.cache.orders_inflight()]
            open_here = frozenset(order.client_order_id.value for order in orders)
        return Settled(
            arrivals=tuple(self._venue.arrivals),
            flips=tuple(self._venue.flips),
            ours=ours,
            theirs={symbol: self._venue.net(symbol) for symbol in SYMBOLS},
            open_here=open_here,
            open_there=frozenset(order.ask.client_order_id for order in self._venue.working()),
            journal=self._chain(),
            journaled=frozenset(
                record.client_order_id
                for record in self._records()
                if isinstance(record, OrderRecord) and record.event == "initialized"
            ),
        )

    def denials(self) -> int:
        """Return how many orders and changes the gate held back."""
        return sum(isinstance(record, DenialRecord) for record in self._records())

    def _chain(self) -> str:
        try:
            found = check(self._journal)
        except JournalError as error:
            return str(error)
        return found.detail or (f"{found.unfinished_bytes} bytes unfinished" if found.unfinished_bytes else "")

    def _records(self) -> list[Any]:
        return read(self._journal) if self._journal.exists() else []

    def _order(self, command: Any, ask: Ask, clock: int, before: list[Ask]) -> Leaving:
        named = tuple(float(price) for price in (ask.price, ask.trigger) if price is not None)
        notional = self._notional(ask.symbol, ask.quantity, named, clock)
        exposures = self._exposures(before, leaving_out="")
        if not ask.reduce_only:
            exposures[ask.symbol] = exposures.get(ask.symbol, 0.0) + notional
        return self._leaving(command, ask.client_order_id, ask.symbol, not ask.reduce_only, notional, exposures, clock,
                             is_change=False)

    def _change(self, command: ModifyOrder, order: Order, clock: int) -> Leaving:
        symbol = order.instrument_id.value
        size = order.quantity if command.quantity is None else command.quantity
        asked = (command.price or (order.price if order.has_price else None),
                 command.trigger_price or (order.trigger_price if order.has_trigger_price else None))
        named = tuple(price.as_double() for price in asked if price is not None)
        notional = self._notional(symbol, size.as_decimal(), named, clock)
        exposures = self._exposures([], leaving_out=order.client_order_id.value)
        rest = self._notional(symbol, size.as_decimal() - order.filled_qty.as_decimal(), named, clock)
        exposures[symbol] = exposures.get(symbol, 0.0) + rest
        opens = not order.is_reduce_only and size > order.quantity
        return self._leaving(command, order.client_order_id.value, symbol, opens, notional, exposures, clock,
                             is_change=True)

    def _leaving(
        self,
        command: Any,
        client_order_id: str,
        symbol: str,
        opens: bool,
        notional: float,
        exposures: dict[str, float],
        clock: int,
        *,
        is_change: bool,
    ) -> Leaving:
        state, flatten = self._passed.get(command.id, (self._switch.state, self._switch.flatten))
        worth = self._worth(known=True)
        lost, was_lost = self._lost(clock) if opens else (False, False)
        return Leaving(
            client_order_id=client_order_id,
            symbol=symbol,
            is_change=is_change,
            opens=opens,
            state=state,
            flatten=flatten,
            notional=notional,
            sight=self._feed.sight(symbol, clock),
            equity=worth,
            day_loss_pct=(self._day_start - max(worth, self._worth(known=False))) / self._day_start * 100.0,
            exposures=exposures,
            day_is_lost=lost,
            day_was_lost=was_lost,
            state_now=self._switch.state,
        )

    def _notional(self, symbol: str, quantity: Decimal, named: tuple[float, ...], clock: int) -> float:
        sight = self._feed.sight(symbol, clock)
        prices = (*named, sight.price) if sight is not None else named
        return float(quantity) * max(prices, default=nan)

    def _exposures(self, before: list[Ask], leaving_out: str) -> dict[str, float]:
        """Return the gross notional of positions and of all entries that work, travel or leave with this one."""
        sizes: dict[str, Decimal] = {}
        for (_, symbol), held in self._venue.holdings.items():
            sizes[symbol] = sizes.get(symbol, Decimal(0)) + abs(held.signed)
        for order in self._venue.working():
            if not order.ask.reduce_only and order.ask.client_order_id != leaving_out:
                sizes[order.ask.symbol] = sizes.get(order.ask.symbol, Decimal(0)) + order.leaves
        for ask in (*self._traffic.travelling.values(), *before):
            if not ask.reduce_only:
                sizes[ask.symbol] = sizes.get(ask.symbol, Decimal(0)) + ask.quantity
        return {symbol: float(size) * self._price(symbol) for symbol, size in sizes.items() if size}

    def _worth(self, *, known: bool) -> float:
        """Return the account's worth, at the prices that the process knows or at the true ones."""
        worth = float(self._venue.balance)
        for (_, symbol), held in self._venue.holdings.items():
            if held.signed:
                price = self._price(symbol) if known else float(self._venue.prices[symbol])
                worth += (price - float(held.average)) * float(held.signed)
        return worth

    def _price(self, symbol: str) -> float:
        sight = self._feed.sight(symbol, 0)
        return nan if sight is None else sight.price

    def _lost(self, clock: int) -> tuple[bool, bool]:
        """Return whether this process, and whether any on this day, has journaled that the day is lost."""
        mine = ever = False
        for record in self._records():
            if isinstance(record, RunRecord):
                mine = False
            elif isinstance(record, StateRecord) and record.subject == "daily_loss":
                latched = record.state.startswith("latched")
                mine = latched
                ever = (ever or latched) if record.ts // DAY == clock // DAY and latched else ever and latched
        return mine, ever
