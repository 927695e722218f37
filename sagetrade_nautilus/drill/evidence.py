"""What the invariants are asked about: gathered from the venue, the feed, the switch and the journal alone."""

from decimal import Decimal
from math import nan
from typing import Any

import msgspec
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.drill.feed import Feed
from sagetrade_nautilus.drill.invariants import Leaving, Settled
from sagetrade_nautilus.drill.lines import Lines
from sagetrade_nautilus.drill.node import Node
from sagetrade_nautilus.drill.orders import OrderRequest
from sagetrade_nautilus.drill.plan import SYMBOLS
from sagetrade_nautilus.drill.switch import Switch
from sagetrade_nautilus.drill.venue import Venue
from sagetrade_nautilus.drill.wire import Traffic
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.nanos import NANOS_PER_DAY


class _Size(msgspec.Struct, frozen=True):
    """An order or a change by what it would add: in all, beyond what has been filled, and at which prices."""

    client_order_id: str
    symbol: str
    opens: bool
    quantity: Decimal
    leaves: Decimal
    named_prices: tuple[float, ...]


class Evidence:
    """Looks at the world as it is.

    Parameters
    ----------
    venue, feed, switch, traffic : Venue, Feed, Switch, Traffic
        The world.
    lines : Lines
        The journal.
    """

    def __init__(self, venue: Venue, feed: Feed, switch: Switch, traffic: Traffic, lines: Lines) -> None:
        self._venue = venue
        self._feed = feed
        self._switch = switch
        self._traffic = traffic
        self._lines = lines
        self._passed: dict[Any, tuple[State, bool, int]] = {}
        self._in_doubt: set[str] = set()
        self._day = -1
        self._day_start = nan

    def begin_life(self, clock: int) -> None:
        """Note that a process starts, with the account as it is."""
        self._passed.clear()
        self._day, self._day_start = clock // NANOS_PER_DAY, self._true_worth()

    def tell_time(self, clock: int) -> None:
        """Note the account as it is when a day begins by the process's clock."""
        if clock // NANOS_PER_DAY > self._day:
            self._day, self._day_start = clock // NANOS_PER_DAY, self._true_worth()

    def passed(self, command: Any, clock: int) -> None:
        """Note what the kill switch says when the gate lets `command` through, and when that is by its clock."""
        self._passed[command.id] = (self._switch.state, self._switch.flatten, clock)

    def leaving(self, node: Node, command: Any, requests: tuple[OrderRequest, ...]) -> list[Leaving]:
        """Return what leaves with `command`, each order as if those before it had left."""
        if isinstance(command, ModifyOrder):
            order = node.cache.order(command.client_order_id)
            return [] if order is None else [self._leaving(node, command, _size_of_change(command, order), ())]
        sizes = [_size_of(request) for request in requests]
        return [self._leaving(node, command, size, requests[:number]) for number, size in enumerate(sizes)]

    def settled(self, node: Node | None) -> Settled:
        """Return both sides as they are."""
        open_here: frozenset[str] = frozenset()
        if node is not None:
            orders = [*node.cache.orders_open(), *node.cache.orders_inflight()]
            # Nautilus keeps an order open that was filled before it was cut down to just that
            open_here = frozenset(order.client_order_id.value for order in orders if order.leaves_qty != 0)
        return Settled(
            arrivals=tuple(self._venue.arrivals),
            flips=tuple(
                f"{name} {how}" for name, how in sorted(self._venue.flips.items()) if name not in self._in_doubt
            ),
            ours=_ours(node),
            filled=_filled(node),
            theirs=self._theirs(),
            open_here=open_here,
            open_there=frozenset(order.request.client_order_id for order in self._venue.working()),
            journal=self._lines.fault(),
            journaled=frozenset(self._lines.initialized),
        )

    def _leaving(self, node: Node, command: Any, size: _Size, before: tuple[OrderRequest, ...]) -> Leaving:
        now = (self._switch.state, self._switch.flatten, node.now())
        state, flatten, clock = self._passed.get(command.id, now)
        is_change = isinstance(command, ModifyOrder)
        exposures = self._exposures(before, leaving_out=size.client_order_id if is_change else "")
        if size.opens:
            exposures[size.symbol] = exposures.get(size.symbol, 0.0) + self._notional(size, size.leaves)
        self._lines.read_on()
        if _ours(node) != self._theirs():
            self._in_doubt.add(size.client_order_id)
        return Leaving(
            client_order_id=size.client_order_id,
            symbol=size.symbol,
            is_change=is_change,
            opens=size.opens,
            state=state,
            flatten=flatten,
            notional=self._notional(size, size.quantity),
            sight=self._feed.sight(size.symbol, clock),
            equity=self._known_worth(),
            day_loss_pct=self._sure_loss_pct(node),
            exposures=exposures,
            tripped=frozenset(self._lines.tripped),
            state_now=self._switch.state,
        )

    def _theirs(self) -> dict[str, Decimal]:
        return {symbol: self._venue.net(symbol) for symbol in SYMBOLS}

    def _notional(self, size: _Size, quantity: Decimal) -> float:
        return float(quantity) * max((self._price(size.symbol), *size.named_prices))

    def _exposures(self, before: tuple[OrderRequest, ...], leaving_out: str) -> dict[str, float]:
        """Return the gross notional of positions and of all entries that work, travel or leave with this one."""
        sizes = dict.fromkeys(SYMBOLS, Decimal(0))
        for (_, symbol), held in self._venue.holdings.items():
            sizes[symbol] += abs(held.signed)
        for order in self._venue.working():
            if not order.request.reduce_only and order.request.client_order_id != leaving_out:
                sizes[order.request.symbol] += order.leaves
        for request in (*self._traffic.travelling.values(), *before):
            if not request.reduce_only:
                sizes[request.symbol] += request.quantity
        return {symbol: float(size) * self._price(symbol) for symbol, size in sizes.items() if size}

    def _sure_loss_pct(self, node: Node) -> float:
        """Return what the day has lost at the known and at the true prices, NaN while fills are on their way to us."""
        if _ours(node) != self._theirs():
            return nan
        worth = max(self._known_worth(), self._true_worth())
        return (self._day_start - worth) / self._day_start * 100.0

    def _known_worth(self) -> float:
        """Return the account's worth at the prices that the process knows; NaN if one is missing."""
        return self._worth({symbol: self._price(symbol) for symbol in SYMBOLS})

    def _true_worth(self) -> float:
        return self._worth({symbol: float(price) for symbol, price in self._venue.prices.items()})

    def _worth(self, prices: dict[str, float]) -> float:
        gains = [
            (prices[symbol] - float(held.average)) * float(held.signed)
            for (_, symbol), held in self._venue.holdings.items()
            if held.signed
        ]
        return float(self._venue.balance) + sum(gains)

    def _price(self, symbol: str) -> float:
        sight = self._feed.sight(symbol, 0)
        return nan if sight is None else sight.price


def _ours(node: Node | None) -> dict[str, Decimal]:
    held = dict.fromkeys(SYMBOLS, Decimal(0))
    for position in node.cache.positions_open() if node is not None else ():
        held[position.instrument_id.value] += position.signed_decimal_qty()
    return held


def _filled(node: Node | None) -> dict[str, Decimal]:
    """Return what all orders of the process have been filled with, signed."""
    filled = dict.fromkeys(SYMBOLS, Decimal(0))
    for order in node.cache.orders() if node is not None else ():
        amount = order.filled_qty.as_decimal()
        filled[order.instrument_id.value] += amount if order.is_buy else -amount
    return filled


def _size_of(request: OrderRequest) -> _Size:
    named = tuple(float(price) for price in (request.price, request.trigger) if price is not None)
    return _Size(
        request.client_order_id, request.symbol, not request.reduce_only, request.quantity, request.quantity, named
    )


def _size_of_change(command: ModifyOrder, order: Order) -> _Size:
    size = command.quantity or order.quantity
    price = command.price or (order.price if order.has_price else None)
    trigger = command.trigger_price or (order.trigger_price if order.has_trigger_price else None)
    return _Size(
        client_order_id=order.client_order_id.value,
        symbol=order.instrument_id.value,
        opens=not order.is_reduce_only and size > order.quantity,
        quantity=size.as_decimal(),
        leaves=size.as_decimal() - order.filled_qty.as_decimal(),
        named_prices=tuple(named.as_double() for named in (price, trigger) if named is not None),
    )
