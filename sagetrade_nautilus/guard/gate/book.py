"""What a limit looks at: an order that wants out, and the account and market as they stand. Plain values, no engine."""

from collections.abc import Sequence

import msgspec

from sagetrade_nautilus.model.market import Market


class ProposedOrder(msgspec.Struct, frozen=True, gc=False):
    """An order at the last door that opens or enlarges.

    Parameters
    ----------
    symbol : str
        The instrument id.
    notional : float
        Its size in quote currency at the dearest of its own prices and the last, without a sign.
    sells : bool
        Whether it is a sale.
    strategy : str
        Who sent it.
    quantity : float
        Its size in the base currency, without a sign.
    named_prices : tuple[float, ...]
        The limit and the trigger price that it names, if any.
    client_order_id : str
        Its id. One that is sent again, because its first sending may be lost, keeps it. Empty for a change.
    """

    symbol: str
    notional: float
    sells: bool = False
    strategy: str = ""
    quantity: float = 0.0
    named_prices: tuple[float, ...] = ()
    client_order_id: str = ""


class SentOrder(msgspec.Struct, frozen=True, gc=False):
    """An order that the gate let through. `ts` is UNIX nanoseconds; the rest as in `ProposedOrder`."""

    ts: int
    strategy: str
    symbol: str
    sells: bool
    quantity: float
    named_prices: tuple[float, ...]
    client_order_id: str = ""


class Book(msgspec.Struct, frozen=True, gc=False):
    """The account before the order.

    Parameters
    ----------
    equity : float
        Worth now, in quote currency; NaN if unknown.
    open_trades : int
        Open positions, and entries on their way.
    exposures : dict[str, float]
        Gross notional per instrument id, of open positions and of entries on their way: a long and a short in the
        same instrument add up, they do not cancel.
    may_short : bool
        Whether the account can borrow what it sells.
    net : float
        Signed notional over all instruments: longs less shorts, entries on their way included.
    reduce_only : frozenset[str]
        Instruments in which a position is open that no strategy of this run manages, or our books are not the venue's.
    """

    equity: float
    open_trades: int
    exposures: dict[str, float]
    may_short: bool = True
    net: float = 0.0
    reduce_only: frozenset[str] = frozenset()

    def after(self, order: ProposedOrder) -> "Book":
        """Return the book as it would stand with `order` on its way."""
        exposures = {**self.exposures, order.symbol: self.exposures.get(order.symbol, 0.0) + order.notional}
        net = self.net + (-order.notional if order.sells else order.notional)
        return msgspec.structs.replace(self, open_trades=self.open_trades + 1, exposures=exposures, net=net)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """All that a limit may look at besides the order itself.

    Parameters
    ----------
    ts : int
        Now, in UNIX nanoseconds.
    book : Book
        The account.
    market : Market
        The order's instrument.
    sent : sequence of SentOrder
        The entries that left lately, oldest first.
    messages : int
        Entries and changes of them within the last second, this one not counted.
    slippage_bps : float
        By how much the last hour's entries in the instrument filled worse than they named, on average; 0 if none did.
    cluster : frozenset[str]
        The instruments that move together with the order's, itself among them.
    """

    ts: int
    book: Book
    market: Market
    sent: Sequence[SentOrder] = ()
    messages: int = 0
    slippage_bps: float = 0.0
    cluster: frozenset[str] = frozenset()
