"""What a limit looks at: an order that wants out, and the account as it stands. Plain values, no engine."""

import msgspec


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """An order at the last door.

    Parameters
    ----------
    symbol : str
        The instrument id.
    notional : float
        Its size in quote currency at the price that it would fill at, without a sign.
    sells : bool
        Whether it is a sale; one that could only reduce never gets here.
    """

    symbol: str
    notional: float
    sells: bool = False


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
    """

    equity: float
    day_start_equity: float
    open_trades: int
    exposures: dict[str, float]
    may_short: bool = True

    def after(self, order: Proposal) -> "Book":
        """Return the book as it would stand with `order` on its way."""
        exposures = {**self.exposures, order.symbol: self.exposures.get(order.symbol, 0.0) + order.notional}
        return msgspec.structs.replace(self, open_trades=self.open_trades + 1, exposures=exposures)

    @property
    def day_loss_pct(self) -> float:
        """What the day has lost so far, as `loss_pct` has it."""
        return loss_pct(self.equity, self.day_start_equity)


def loss_pct(equity: float, day_start_equity: float) -> float:
    """Return what a day has lost, in percent of the equity that it started with; 0 when it gained."""
    if day_start_equity <= 0.0:
        return 100.0
    return max(0.0, (day_start_equity - equity) / day_start_equity * 100.0)
