"""Limits on what is at stake: sizes, and exposures of the account with the order on its way."""

from collections.abc import Mapping
from math import inf, isfinite

from sagetrade_nautilus.guard.gate.book import Moment, ProposedOrder
from sagetrade_nautilus.guard.gate.limits.base import Ceiling
from sagetrade_nautilus.guard.standing import Denial
from sagetrade_nautilus.model.one_exit import has_one_exit


class KnownEquity:
    """Nothing leaves while the account's worth is unknown or not positive."""

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        worth = now.book.equity
        return None if isfinite(worth) and worth > 0.0 else Denial("known_equity", worth, 0.0)


class NoShortSale:
    """A cash account sells only what it holds, and nobody sells coins that a venue does not lend.

    Nautilus lets such a sale through, and the account goes negative.
    """

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        lent = now.book.may_short and not has_one_exit(order.symbol)
        return Denial("no_short_sale", order.notional, 0.0) if order.sells and not lent else None


class OwnedPositions:
    """Where a position is nobody's, or our books are not the venue's, positions are only reduced."""

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        return Denial("owned_positions", 1.0, 0.0) if order.symbol in now.book.reduce_only else None


class MaxOpenTrades(Ceiling):
    """No more than `threshold` trades at once, entries on their way included."""

    name = "max_open_trades"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return now.book.open_trades + (order.quantity > 0.0)


class MaxOrderQuantity:
    """One order's size stays within its instrument's `thresholds`, in base currency or shares."""

    def __init__(self, thresholds: Mapping[str, float]) -> None:
        self._thresholds = thresholds

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        threshold = self._thresholds.get(order.symbol, inf)
        return None if order.quantity <= threshold else Denial("max_order_quantity", order.quantity, threshold)


class MaxOrderNotional(Ceiling):
    """One order is worth at most `threshold`, in the account's currency."""

    name = "max_order_notional"
    of_order = True

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return order.notional


class MaxOrderNotionalPct(Ceiling):
    """One order is worth at most `threshold` percent of equity, whatever kind of account and venue it goes to."""

    name = "max_order_notional_pct"
    of_order = True

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return order.notional / now.book.equity * 100.0


class MaxSymbolExposurePct(Ceiling):
    """The gross notional in one instrument stays within `threshold` percent of equity."""

    name = "max_symbol_exposure_pct"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        held = now.book.exposures.get(order.symbol, 0.0)
        return (held + order.notional) / now.book.equity * 100.0


class MaxClusterExposurePct(Ceiling):
    """The gross notional in instruments that move together stays within `threshold` percent of equity."""

    name = "max_cluster_exposure_pct"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        held = sum(notional for symbol, notional in now.book.exposures.items() if symbol in now.cluster)
        return (held + order.notional) / now.book.equity * 100.0


class MaxExposurePct(Ceiling):
    """The gross notional over all instruments stays within `threshold` percent of equity."""

    name = "max_exposure_pct"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return (sum(now.book.exposures.values()) + order.notional) / now.book.equity * 100.0


class MaxNetExposurePct(Ceiling):
    """Longs less shorts over all instruments stay within `threshold` percent of equity, either way."""

    name = "max_net_exposure_pct"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return abs(now.book.after(order).net) / now.book.equity * 100.0
