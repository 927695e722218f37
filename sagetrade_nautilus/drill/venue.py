"""The simulated venue: what is true, whatever our side believes. Plain values, no Nautilus.

Quantities and prices are decimals. A position belongs to its owner (a strategy) and symbol, as our side keeps it, so
that a reducing order which turns one around is seen even where another strategy holds the opposite.
"""

from collections.abc import Callable
from decimal import Decimal
from random import Random

import msgspec

from sagetrade_nautilus.drill.orders import ZERO, ExecutionReport, Fill, Holding, OrderRequest, VenueOrder

FEE_RATE = Decimal("0.0004")
CENT = Decimal("0.01")
EXTERNAL = "EXTERNAL"
"""Whose the positions are after a restart: our side has forgotten who opened them."""


class Venue:
    """Orders, fills, positions and balance.

    Parameters
    ----------
    rng : Random
        Draws how much of an order is filled at a time.
    steps : dict[str, Decimal]
        The smallest quantity of each symbol.
    enforces_reduce_only : bool
        Whether it cuts a reducing order down to what is open when it fills.
    partial_share : float
        How often a fill is partial, in [0, 1].
    """

    def __init__(
        self,
        rng: Random,
        steps: dict[str, Decimal],
        *,
        enforces_reduce_only: bool,
        partial_share: float,
    ) -> None:
        self._rng = rng
        self._steps = steps
        self.tell: Callable[[ExecutionReport], None] = _to_nobody
        """Takes each report, in the order in which things happen."""
        self._enforces = enforces_reduce_only
        self._partial_share = partial_share
        self._trade_count = 0
        self.now = 0
        self.balance = Decimal(100_000)
        self.prices: dict[str, Decimal] = {}
        self.orders: dict[str, VenueOrder] = {}
        self.holdings: dict[tuple[str, str], Holding] = {}
        self.arrivals: list[str] = []
        self.flips: dict[str, str] = {}
        """Client order ids of reducing orders that went beyond what was open, and how."""

    def working(self) -> list[VenueOrder]:
        """Return the orders that can still be filled, oldest first."""
        return [order for order in self.orders.values() if order.is_open]

    def net(self, symbol: str) -> Decimal:
        """Return the signed quantity that is held of `symbol`, all owners together."""
        return sum((held.signed for (_, name), held in self.holdings.items() if name == symbol), ZERO)

    def submit(self, requests: tuple[OrderRequest, ...]) -> None:
        """Take orders that arrive together."""
        for request in requests:
            self.arrivals.append(request.client_order_id)
            if request.client_order_id in self.orders:
                self._say("rejected", request.client_order_id, 0, reason="duplicate client order id")
                continue
            order = VenueOrder(
                request=request,
                number=len(self.orders) + 1,
                quantity=request.quantity,
                price=request.price,
                trigger=request.trigger,
                accepted=self.now,
                changed=self.now,
            )
            self.orders[request.client_order_id] = order
            if request.parent:
                order.status = "held"
            self._report("accepted", order)
        for request in requests:
            self._match(self.orders[request.client_order_id])

    def reject(self, requests: tuple[OrderRequest, ...]) -> None:
        """Refuse orders that arrive together."""
        for request in requests:
            self.arrivals.append(request.client_order_id)
            if request.client_order_id not in self.orders:
                self.orders[request.client_order_id] = VenueOrder(
                    request=request,
                    number=len(self.orders) + 1,
                    quantity=request.quantity,
                    price=request.price,
                    trigger=request.trigger,
                    status="rejected",
                    accepted=self.now,
                    changed=self.now,
                )
            self._say("rejected", request.client_order_id, 0, reason="the venue does not like it")

    def cancel(self, client_order_id: str) -> None:
        """Cancel an order, or say why not."""
        order = self.orders.get(client_order_id)
        if order is None or not order.is_open:
            self._say("cancel_rejected", client_order_id, order.number if order else 0, reason="it is not open")
            return
        self._close(order)

    def modify(
        self, client_order_id: str, quantity: Decimal | None, price: Decimal | None, trigger: Decimal | None
    ) -> None:
        """Change an order, or say why not."""
        order = self.orders.get(client_order_id)
        if order is None or not order.is_open or (quantity is not None and quantity <= order.filled):
            self._say("modify_rejected", client_order_id, order.number if order else 0, reason="it cannot be changed")
            return
        order.quantity = quantity or order.quantity
        order.price = price or order.price
        order.trigger = trigger or order.trigger
        self._report("updated", order)
        self._match(order)

    def trade_at(self, symbol: str, price: Decimal) -> None:
        """Move the market, and fill what it reaches."""
        self.prices[symbol] = price
        for order in self.working():
            if order.request.symbol == symbol:
                self._match(order)

    def forget_owners(self, heirs: dict[str, str]) -> None:
        """Book each symbol to its heir, at the last price: what our side knows after it has lost its memory."""
        for symbol, price in self.prices.items():
            signed = self.net(symbol)
            for key in [key for key in self.holdings if key[1] == symbol]:
                held = self.holdings.pop(key)
                self.balance += held.signed * (price - held.average)
            self.holdings[(heirs[symbol], symbol)] = Holding(signed, price)
        for order in self.orders.values():
            order.request = msgspec.structs.replace(order.request, owner=heirs[order.request.symbol])

    def _match(self, order: VenueOrder) -> None:
        price = self.prices.get(order.request.symbol)
        if price is None or order.status == "held" or not order.is_open or not self._is_reached(order, price):
            return
        amount = order.leaves
        if self._rng.random() < self._partial_share:
            step = self._steps[order.request.symbol]
            amount = max(step, (amount * Decimal(self._rng.randint(1, 9)) / 10 // step) * step)
        if order.request.reduce_only and self._enforces:
            amount = min(amount, self._reducible(order.request))
            if amount <= ZERO:
                self._close(order)
                return
        self._fill(order, amount, price)

    @staticmethod
    def _is_reached(order: VenueOrder, price: Decimal) -> bool:
        sells = order.request.sells
        if order.trigger is not None:
            return price <= order.trigger if sells else price >= order.trigger
        if order.price is not None:
            return price >= order.price if sells else price <= order.price
        return True

    def _reducible(self, request: OrderRequest) -> Decimal:
        held = self.holdings.get((request.owner, request.symbol), Holding()).signed
        return max(ZERO, held if request.sells else -held)

    def _fill(self, order: VenueOrder, amount: Decimal, price: Decimal) -> None:
        request = order.request
        if request.reduce_only and amount > self._reducible(request):
            self.flips[request.client_order_id] = f"filled {amount} against {self._reducible(request)} that was open"
        self._trade_count += 1
        fee = (amount * price * FEE_RATE).quantize(CENT)
        trade = Fill(self._trade_count, amount, price, fee)
        order.trades.append(trade)
        order.changed = self.now
        order.status = "filled" if order.filled >= order.quantity else "partially_filled"
        self._book(request, -amount if request.sells else amount, price, fee)
        self._report("filled", order, trade)
        self._settle_family(order, amount)

    def _book(self, request: OrderRequest, signed: Decimal, price: Decimal, fee: Decimal) -> None:
        held = self.holdings.setdefault((request.owner, request.symbol), Holding())
        self.balance -= fee
        closing = min(abs(held.signed), abs(signed)) if held.signed * signed < 0 else ZERO
        if closing:
            gain = (price - held.average) * closing * (1 if held.signed > 0 else -1)
            self.balance += gain.quantize(CENT)
        after = held.signed + signed
        if after == ZERO or held.signed * after < 0:
            held.average = price
        elif held.signed * signed >= 0:
            held.average = (held.average * abs(held.signed) + price * abs(signed)) / abs(after)
        held.signed = after

    def _settle_family(self, order: VenueOrder, amount: Decimal) -> None:
        """Let a filled entry's exits work, and take from an exit's sibling what the exit has done."""
        if order.status == "filled":
            self._release_exits(order)
        for name in order.request.siblings:
            sibling = self.orders.get(name)
            if sibling is None or not sibling.is_open:
                continue
            if sibling.leaves <= amount:
                self._close(sibling)
            else:
                sibling.quantity -= amount
                self._report("updated", sibling)

    def _release_exits(self, entry: VenueOrder) -> None:
        for exit_order in self.working():
            if exit_order.request.parent != entry.request.client_order_id or exit_order.status != "held":
                continue
            exit_order.status = "accepted"
            if exit_order.quantity > entry.filled:
                exit_order.quantity = entry.filled
                self._report("updated", exit_order)
            self._match(exit_order)

    def _close(self, order: VenueOrder) -> None:
        was_filled = order.filled
        order.status = "canceled"
        order.changed = self.now
        self._report("canceled", order)
        if was_filled > ZERO:
            self._release_exits(order)
        else:
            for exit_order in self.working():
                if exit_order.request.parent == order.request.client_order_id:
                    self._close(exit_order)

    def _report(self, kind: str, order: VenueOrder, trade: Fill | None = None) -> None:
        self.tell(
            ExecutionReport(
                kind=kind,
                client_order_id=order.request.client_order_id,
                number=order.number,
                ts=self.now,
                quantity=order.quantity,
                price=order.price,
                trigger=order.trigger,
                trade=trade,
            )
        )

    def _say(self, kind: str, client_order_id: str, number: int, *, reason: str) -> None:
        self.tell(
            ExecutionReport(kind=kind, client_order_id=client_order_id, number=number, ts=self.now, reason=reason)
        )


def _to_nobody(report: ExecutionReport) -> None:
    """Say it to nobody: no process has ever run."""
