"""The limits, one class each. Every one answers ``Denial | None`` and looks at nothing but its arguments.

The order of `standard_limits` is the order in which they are asked; the first denial stands.
"""

from collections.abc import Iterator
from itertools import takewhile
from math import isfinite
from typing import NamedTuple, Protocol

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.book import Moment, Proposal, SentOrder

NANOS_PER_SECOND = 1_000_000_000


class Denial(NamedTuple):
    """Why an order may not leave: the limit's name, the value that it would reach, and the threshold."""

    limit: str
    value: float
    threshold: float

    def __str__(self) -> str:
        return f"{self.limit}: {self.value:.6g} against {self.threshold:.6g}"


class Limit(Protocol):
    """One rule that an order must pass."""

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        """Return why `order` may not leave, or ``None``."""
        ...


class KnownEquity:
    """Nothing leaves while the account's worth is unknown or not positive."""

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        for value in (now.book.equity, now.book.day_start_equity):
            if not isfinite(value) or value <= 0.0:
                return Denial("known_equity", value, 0.0)
        return None


class SoundPrice:
    """No entry on a price that is no number or not positive, on a crossed market, or right after a spike.

    `threshold` is the largest step between two prices, in percent.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        for value in (now.market.price, order.notional, *order.named_prices):
            if not isfinite(value) or value <= 0.0:
                return Denial("known_price", value, 0.0)
        if now.market.crossed:
            return Denial("crossed_market", now.market.price, 0.0)
        jump = now.market.jump_pct
        return None if jump <= self._threshold else Denial("max_price_jump_pct", jump, self._threshold)


class MaxPriceAge:
    """No entry on a price that is older than `threshold` seconds."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        age = now.market.age_s
        return None if age <= self._threshold else Denial("max_price_age_s", age, self._threshold)


class PriceCollar:
    """A limit or trigger price lies within `threshold` percent of the last price."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        distances = [abs(price / now.market.price - 1.0) * 100.0 for price in order.named_prices]
        widest = max(distances, default=0.0)
        return None if widest <= self._threshold else Denial("price_collar_pct", widest, self._threshold)


class NoShortSale:
    """A cash account sells only what it holds. Nautilus lets such a sale through, and the account goes negative."""

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        return Denial("no_short_sale", order.notional, 0.0) if order.sells and not now.book.may_short else None


class MaxDailyLossPct:
    """No entry once the day has lost `threshold` percent of its starting equity; the guard latches the loss."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        loss = now.book.day_loss_pct
        return Denial("max_daily_loss_pct", loss, self._threshold) if loss >= self._threshold else None


class MaxOpenTrades:
    """No more than `threshold` trades at once, entries on their way included."""

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        count = now.book.open_trades + 1
        return Denial("max_open_trades", count, self._threshold) if count > self._threshold else None


class MaxOrderNotionalPct:
    """One order is worth at most `threshold` percent of equity, whatever kind of account and venue it goes to."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        share = order.notional / now.book.equity * 100.0
        return None if share <= self._threshold else Denial("max_order_notional_pct", share, self._threshold)


class MaxSymbolExposurePct:
    """The gross notional in one instrument stays within `threshold` percent of equity."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        held = now.book.exposures.get(order.symbol, 0.0)
        share = (held + order.notional) / now.book.equity * 100.0
        return None if share <= self._threshold else Denial("max_symbol_exposure_pct", share, self._threshold)


class MaxExposurePct:
    """The gross notional over all instruments stays within `threshold` percent of equity."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        share = (sum(now.book.exposures.values()) + order.notional) / now.book.equity * 100.0
        return None if share <= self._threshold else Denial("max_exposure_pct", share, self._threshold)


class MaxNetExposurePct:
    """Longs less shorts over all instruments stay within `threshold` percent of equity, either way."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        net = abs(now.book.after(order).net) / now.book.equity * 100.0
        return None if net <= self._threshold else Denial("max_net_exposure_pct", net, self._threshold)


class NoDuplicate:
    """The same entry (strategy, instrument, side, size and prices) is not sent twice within `threshold` seconds."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        for sent in _lately(now, self._threshold):
            if _identity(sent) == _identity(order):
                return Denial("no_duplicate_s", (now.ts - sent.ts) / NANOS_PER_SECOND, self._threshold)
        return None


class MaxRepeatedOrders:
    """One strategy sends at most `threshold` entries for one instrument and side within `window_s` seconds."""

    def __init__(self, threshold: int, window_s: float) -> None:
        self._threshold = threshold
        self._window_s = window_s

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        alike = (order.strategy, order.symbol, order.sells)
        sent_lately = _lately(now, self._window_s)
        count = 1 + sum((sent.strategy, sent.symbol, sent.sells) == alike for sent in sent_lately)
        return Denial("max_repeated_orders", count, self._threshold) if count > self._threshold else None


class MaxOrdersPerMinute:
    """At most `threshold` entries leave within a minute, all strategies together."""

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold

    def check(self, order: Proposal, now: Moment) -> Denial | None:
        count = 1 + sum(1 for _ in _lately(now, 60.0))
        return Denial("max_orders_per_minute", count, self._threshold) if count > self._threshold else None


def _lately(now: Moment, window_s: float) -> Iterator[SentOrder]:
    """Yield the entries that left less than `window_s` seconds ago, newest first."""
    window_ns = window_s * NANOS_PER_SECOND
    return takewhile(lambda sent: now.ts - sent.ts < window_ns, reversed(now.sent))


def _identity(order: Proposal | SentOrder) -> tuple[object, ...]:
    return order.strategy, order.symbol, order.sells, order.quantity, order.named_prices


def standard_limits(config: LimitConfig) -> list[Limit]:
    """Return every limit of the configuration, in the order in which they are asked."""
    return [
        KnownEquity(),
        SoundPrice(config.max_price_jump_pct),
        MaxPriceAge(config.max_price_age_s),
        PriceCollar(config.price_collar_pct),
        NoShortSale(),
        MaxDailyLossPct(config.max_daily_loss_pct),
        NoDuplicate(config.no_duplicate_s),
        MaxRepeatedOrders(config.max_repeated_orders, config.repeat_window_s),
        MaxOrdersPerMinute(config.max_orders_per_minute),
        MaxOrderNotionalPct(config.max_order_notional_pct),
        MaxOpenTrades(config.max_open_trades),
        MaxSymbolExposurePct(config.max_symbol_exposure_pct),
        MaxExposurePct(config.max_exposure_pct),
        MaxNetExposurePct(config.max_net_exposure_pct),
    ]
