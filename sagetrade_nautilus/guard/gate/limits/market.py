"""Limits on the market that an order meets: is its price sound, fresh, and where the order says it is?"""

from math import isfinite, isnan

from sagetrade_nautilus.guard.gate.book import Moment, ProposedOrder
from sagetrade_nautilus.guard.gate.limits.base import Ceiling
from sagetrade_nautilus.guard.standing import Denial


class SoundPrice:
    """No entry on a price, a size or a named price that is no number above 0."""

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        for value in (now.market.price, order.quantity, order.notional, *order.named_prices):
            if not isfinite(value) or value <= 0.0:
                return Denial("known_price", value, 0.0)
        return None


class UncrossedMarket:
    """No entry while the last bid lies above the last ask."""

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        return Denial("crossed_market", now.market.price, 0.0) if now.market.crossed else None


class MaxPriceJumpPct(Ceiling):
    """No entry right after a step between two prices larger than `threshold` percent."""

    name = "max_price_jump_pct"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return now.market.jump_pct


class MaxPriceAge(Ceiling):
    """No entry on a price that is older than `threshold` seconds."""

    name = "max_price_age_s"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return now.market.age_s


class MaxClockDrift(Ceiling):
    """No entry while the venue's clock, by the last price, and ours differ by more than `threshold` milliseconds.

    A price from the future says that our clock was set back since it arrived.
    """

    name = "max_clock_drift_ms"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return max(abs(now.market.drift_ms), -now.market.age_s * 1_000.0)


class PriceCollar(Ceiling):
    """A limit or trigger price lies within `threshold` percent of the last price."""

    name = "price_collar_pct"
    of_order = True

    def value(self, order: ProposedOrder, now: Moment) -> float:
        distances = [abs(price - now.market.price) / now.market.price * 100.0 for price in order.named_prices]
        return max(distances, default=0.0)


class MaxSpreadBps(Ceiling):
    """No entry while bid and ask lie further apart than `threshold` basis points; without quotes it asks nothing."""

    name = "max_spread_bps"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return 0.0 if isnan(now.market.spread_bps) else now.market.spread_bps


class MaxSlippageBps(Ceiling):
    """No entry where the last hour's entries filled more than `threshold` basis points worse, on average."""

    name = "max_slippage_bps"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return now.slippage_bps
