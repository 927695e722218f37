"""What a limit looks at: an order that wants out, and the account and market as they stand. Plain values, no engine."""

from math import isfinite

import msgspec


class Proposal(msgspec.Struct, frozen=True, gc=False):
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
    """

    symbol: str
    notional: float
    sells: bool = False
    strategy: str = ""
    quantity: float = 0.0
    named_prices: tuple[float, ...] = ()


class Market(msgspec.Struct, frozen=True, gc=False):
    """The market of the order's instrument.

    Parameters
    ----------
    price : float
        The last price, NaN if none is known.
    age_s : float
        Seconds since it was known.
    jump_pct : float
        How far it lies from the price before it, in percent without a sign; 0 if there was none.
    crossed : bool
        Whether the last bid lies above the last ask.
    """

    price: float
    age_s: float = 0.0
    jump_pct: float = 0.0
    crossed: bool = False


class SentOrder(msgspec.Struct, frozen=True, gc=False):
    """An order that the gate let through. `ts` is UNIX nanoseconds."""

    ts: int
    strategy: str
    symbol: str
    sells: bool
    quantity: float
    named_prices: tuple[float, ...]


class Book(msgspec.Struct, frozen=True, gc=False):
    """The account before the order.

    Parameters
    ----------
    equity : float
        Worth now, in quote currency.
    day_start_equity : float
        Worth at 00:00 UTC, or at the start of the run where that was later.
    open_trades : int
        Open positions, and entries on their way.
    exposures : dict[str, float]
        Gross notional per instrument id, of open positions and of entries on their way: a long and a short in the
        same instrument add up, they do not cancel.
    may_short : bool
        Whether the account can borrow what it sells.
    net : float
        Signed notional over all instruments: longs less shorts, entries on their way included.
    """

    equity: float
    day_start_equity: float
    open_trades: int
    exposures: dict[str, float]
    may_short: bool = True
    net: float = 0.0

    def after(self, order: Proposal) -> "Book":
        """Return the book as it would stand with `order` on its way."""
        exposures = {**self.exposures, order.symbol: self.exposures.get(order.symbol, 0.0) + order.notional}
        net = self.net + (-order.notional if order.sells else order.notional)
        return msgspec.structs.replace(self, open_trades=self.open_trades + 1, exposures=exposures, net=net)

    @property
    def day_loss_pct(self) -> float:
        """What the day has lost so far, as `loss_pct` has it."""
        return loss_pct(self.equity, self.day_start_equity)


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
    sent : tuple[SentOrder, ...]
        The entries that left lately, oldest first.
    """

    ts: int
    book: Book
    market: Market
    sent: tuple[SentOrder, ...] = ()


def loss_pct(equity: float, day_start_equity: float) -> float:
    """Return what a day has lost, in percent of the equity that it started with; 0 when it gained.

    An equity that is unknown counts as all lost.
    """
    if not (day_start_equity > 0.0 and isfinite(equity) and isfinite(day_start_equity)):
        return 100.0
    return max(0.0, (day_start_equity - equity) / day_start_equity * 100.0)
