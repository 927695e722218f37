"""The limits, one class each. Every one answers ``Denial | None`` and looks at nothing but its arguments.

The order of `standard_limits` is the order in which they are asked; the first denial stands.
"""

from collections.abc import Iterable, Sequence
from math import inf, isfinite

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.gate.book import Moment, ProposedOrder
from sagetrade_nautilus.guard.gate.limits.base import Ceiling, Limit
from sagetrade_nautilus.guard.gate.limits.market import (
    MaxClockDrift,
    MaxPriceAge,
    MaxPriceJumpPct,
    MaxSlippageBps,
    MaxSpreadBps,
    PriceCollar,
    SoundPrice,
    UncrossedMarket,
)
from sagetrade_nautilus.guard.gate.limits.money import (
    KnownEquity,
    MaxClusterExposurePct,
    MaxExposurePct,
    MaxNetExposurePct,
    MaxOpenTrades,
    MaxOrderNotional,
    MaxOrderNotionalPct,
    MaxOrderQuantity,
    MaxSymbolExposurePct,
    NoShortSale,
    OwnedPositions,
)
from sagetrade_nautilus.guard.gate.limits.traffic import (
    MaxMessagesPerS,
    MaxOrdersPerMinute,
    MaxRepeatedOrders,
    NoDuplicate,
    remembered_s,
)
from sagetrade_nautilus.guard.standing import Standing

__all__ = ["Limit", "remembered_s", "standard_limits", "standings"]


def standard_limits(config: LimitConfig) -> list[Limit]:
    """Return every limit of the configuration, in the order in which they are asked."""
    return [
        KnownEquity(),
        SoundPrice(),
        UncrossedMarket(),
        MaxPriceJumpPct(config.max_price_jump_pct),
        MaxPriceAge(config.max_price_age_s),
        MaxClockDrift(config.max_clock_drift_ms),
        PriceCollar(config.price_collar_pct),
        MaxSpreadBps(config.max_spread_bps),
        MaxSlippageBps(config.max_slippage_bps),
        NoShortSale(),
        OwnedPositions(),
        NoDuplicate(config.no_duplicate_s),
        MaxRepeatedOrders(config.max_repeated_orders, config.repeat_window_s),
        MaxOrdersPerMinute(config.max_orders_per_minute),
        MaxMessagesPerS(config.max_messages_per_s),
        MaxOrderQuantity(config.max_order_quantity),
        MaxOrderNotional(inf if config.max_order_notional is None else config.max_order_notional),
        MaxOrderNotionalPct(config.max_order_notional_pct),
        MaxOpenTrades(config.max_open_trades),
        MaxSymbolExposurePct(config.max_symbol_exposure_pct),
        MaxClusterExposurePct(config.max_cluster_exposure_pct),
        MaxExposurePct(config.max_exposure_pct),
        MaxNetExposurePct(config.max_net_exposure_pct),
    ]


def standings(limits: Sequence[Limit], moments: Iterable[tuple[ProposedOrder, Moment]]) -> list[Standing]:
    """Return how far each limit on a number is without any order: the worst over all instruments.

    `moments` holds an order for nothing in each instrument, and the moment. A number that is not known is the worst.
    """
    asked = list(moments)
    found = []
    for limit in limits:
        if isinstance(limit, Ceiling) and not limit.of_order and asked:
            values = [limit.value(order, now) for order, now in asked]
            unknown = next((value for value in values if not isfinite(value)), None)
            found.append(Standing(limit.name, max(values) if unknown is None else unknown, limit.threshold))
    return found
