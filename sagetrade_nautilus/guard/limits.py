"""The limits, one class each. Every one answers ``Denial | None`` and looks at nothing but its arguments.

The order of `standard_limits` is the order in which they are asked; the first denial stands.
"""

from math import isfinite
from typing import NamedTuple, Protocol

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.book import Book, Proposal


class Denial(NamedTuple):
    """Why an order may not leave: the limit's name, the value that it would reach, and the threshold."""

    limit: str
    value: float
    threshold: float

    def __str__(self) -> str:
        return f"{self.limit}: {self.value:.6g} against {self.threshold:.6g}"


class Limit(Protocol):
    """One rule that an order must pass."""

    def check(self, order: Proposal, book: Book) -> Denial | None:
        """Return why `order` may not leave, or ``None``."""
        ...


class KnownEquity:
    """Nothing leaves while the account's worth is unknown, not positive, or the order's size is no number."""

    def check(self, order: Proposal, book: Book) -> Denial | None:
        for value in (book.equity, book.day_start_equity):
            if not isfinite(value) or value <= 0.0:
                return Denial("known_equity", value, 0.0)
        if not isfinite(order.notional) or order.notional < 0.0:
            return Denial("known_price", order.notional, 0.0)
        return None


class NoShortSale:
    """A cash account sells only what it holds. Nautilus lets such a sale through, and the account goes negative."""

    def check(self, order: Proposal, book: Book) -> Denial | None:
        return Denial("no_short_sale", order.notional, 0.0) if order.sells and not book.may_short else None


class MaxDailyLossPct:
    """No entry once the day has lost `threshold` percent of its starting equity; the guard latches the loss."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, book: Book) -> Denial | None:
        loss = book.day_loss_pct
        return Denial("max_daily_loss_pct", loss, self._threshold) if loss >= self._threshold else None


class MaxOpenTrades:
    """No more than `threshold` trades at once, entries on their way included."""

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, book: Book) -> Denial | None:
        count = book.open_trades + 1
        return Denial("max_open_trades", count, self._threshold) if count > self._threshold else None


class MaxSymbolExposurePct:
    """The gross notional in one instrument stays within `threshold` percent of equity."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, book: Book) -> Denial | None:
        share = (book.exposures.get(order.symbol, 0.0) + order.notional) / book.equity * 100.0
        return Denial("max_symbol_exposure_pct", share, self._threshold) if share > self._threshold else None


class MaxExposurePct:
    """The gross notional over all instruments stays within `threshold` percent of equity."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, book: Book) -> Denial | None:
        share = (sum(book.exposures.values()) + order.notional) / book.equity * 100.0
        return Denial("max_exposure_pct", share, self._threshold) if share > self._threshold else None


def standard_limits(config: LimitConfig) -> list[Limit]:
    """Return every limit of the configuration, in the order in which they are asked."""
    return [
        KnownEquity(),
        NoShortSale(),
        MaxDailyLossPct(config.max_daily_loss_pct),
        MaxOpenTrades(config.max_open_trades),
        MaxSymbolExposurePct(config.max_symbol_exposure_pct),
        MaxExposurePct(config.max_exposure_pct),
    ]
