"""What the gate asks of the rest of the guard."""

from typing import NamedTuple, Protocol

from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.gate.book import Book
from sagetrade_nautilus.guard.standing import Denial
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.prices import Prices


class Switch(NamedTuple):
    """What may trade now, whether open positions are to be closed, and who says so and why."""

    state: State
    flatten: bool
    reason: str


def stricter(first: Switch, second: Switch) -> Switch:
    """Return what both let out. Where they agree `first` speaks, and positions are closed if either says so."""
    if first.state is not second.state:
        return max(first, second, key=lambda switch: switch.state)
    return first._replace(flatten=first.flatten or second.flatten)


class Account(Protocol):
    """Knows the switches and the books, and hears what the gate held back."""

    def switch(self) -> Switch:
        """Return what the kill switch and the circuit breaker say now."""
        ...

    def book(self, prices: Prices, leaving_out: frozenset[ClientOrderId]) -> Book:
        """Return the account as it stands, without the orders in `leaving_out`."""
        ...

    def cluster(self, symbol: str, book: Book) -> frozenset[str]:
        """Return the instruments that move together with `symbol`."""
        ...

    def denied(self, order: Order, reason: Denial | str) -> None:
        """Hear of an order, or of a change of one, that was held back."""
        ...

    def clipped(self, order: Order, asked: Quantity) -> None:
        """Hear of a reducing order that was cut down from `asked`."""
        ...
