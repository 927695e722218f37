"""The thresholds of the guard, and what its circuit breaker does."""

from typing import Annotated, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import (
    NonNegativeFloat,
    Percent,
    PositiveFloat,
    PositiveInt,
    Section,
)


class LimitConfig(Section, frozen=True):
    """The guard's limits for orders that open or enlarge. Cancels always pass; what reduces may only reduce.

    Parameters
    ----------
    max_open_trades : int
        Open positions and entries on their way, over all strategies.
    max_order_quantity : dict[str, float]
        Instrument id to the largest size of one order, in its base currency or shares. Others are not limited by size.
    max_order_notional : float, optional
        Notional of one order, in the account's currency. Left out, only `max_order_notional_pct` limits it.
    max_order_notional_pct : float
        Notional of one order, of current equity.
    max_exposure_pct : float
        Gross notional over all instruments, of current equity. A long and a short add up.
    max_net_exposure_pct : float
        Longs less shorts over all instruments, either way, of current equity.
    max_symbol_exposure_pct : float
        Gross notional in one instrument, of current equity.
    clusters : dict[str, list[str]]
        A name of your choice to the instrument ids that move together.
    max_cluster_exposure_pct : float
        Gross notional in the instruments of one cluster, of current equity.
    max_correlation : float
        Instruments whose bars' returns correlate at least this much, in [0, 1], count as one cluster; 1 for never.
    max_daily_loss_pct : float
        Loss of the UTC day, of equity at 00:00 UTC, at which the circuit breaker trips.
    max_day_drop_pct : float
        Fall from the UTC day's highest equity, of equity at 00:00 UTC, at which the circuit breaker trips.
    max_drawdown_pct : float
        Fall from the highest equity ever, of that, at which the circuit breaker trips.
    max_losses_in_a_row : int
        Losing trades one after another at which the circuit breaker trips.
    price_collar_pct : float
        How far a limit or trigger price may lie from the last price.
    max_price_age_s : float
        No entry on a price older than this, in seconds.
    max_price_jump_pct : float
        No entry right after a step between two prices that is larger than this.
    max_spread_bps : float
        No entry while the last ask lies further than this above the last bid.
    max_slippage_bps : float
        No entry in an instrument whose entries of the last hour filled this much worse than they named, on average.
    max_clock_drift_ms : float
        No entry while the venue's time on the last price differs more than this from ours, either way, and the circuit
        breaker trips when our clock steps further.
    no_duplicate_s : float
        Seconds within which the very same entry is not sent twice.
    max_repeated_orders : int
        Entries of one strategy for one instrument and side within `repeat_window_s`; one more trips the breaker.
    repeat_window_s : float
        The window of `max_repeated_orders`, in seconds.
    max_orders_per_minute : int
        Entries of all strategies within a minute.
    max_messages_per_s : int
        New orders and changes within a second: of those that open or enlarge, and of those that reduce, each.
    """

    max_open_trades: PositiveInt = 4
    max_order_quantity: dict[str, PositiveFloat] = {}
    max_order_notional: PositiveFloat | None = None
    max_order_notional_pct: PositiveFloat = 50.0
    max_exposure_pct: PositiveFloat = 100.0
    max_net_exposure_pct: PositiveFloat = 100.0
    max_symbol_exposure_pct: PositiveFloat = 50.0
    clusters: dict[str, Annotated[list[str], Meta(min_length=1)]] = {}
    max_cluster_exposure_pct: PositiveFloat = 100.0
    max_correlation: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    max_daily_loss_pct: Percent = 3.0
    max_day_drop_pct: Percent = 3.0
    max_drawdown_pct: Percent = 20.0
    max_losses_in_a_row: PositiveInt = 10
    price_collar_pct: PositiveFloat = 10.0
    max_price_age_s: PositiveFloat = 900.0
    max_price_jump_pct: PositiveFloat = 20.0
    max_spread_bps: PositiveFloat = 100.0
    max_slippage_bps: PositiveFloat = 50.0
    max_clock_drift_ms: PositiveFloat = 1_000.0
    no_duplicate_s: NonNegativeFloat = 1.0
    max_repeated_orders: PositiveInt = 10
    repeat_window_s: PositiveFloat = 60.0
    max_orders_per_minute: PositiveInt = 60
    max_messages_per_s: PositiveInt = 50


class BreakerConfig(Section, frozen=True):
    """What the circuit breaker does when it trips, and how it is released.

    The day's loss and losses in a row are released as `release` says; a drawdown, an order loop and a step of the
    clock by a person alone.

    Parameters
    ----------
    action : {'reduce_only', 'halted'}
        `reduce_only` cancels resting entries and lets nothing open or enlarge; `halted` lets nothing out but cancels.
    flatten : bool
        Whether open positions are closed too.
    release : {'next_day', 'person'}
        `next_day` releases at 00:00 UTC by itself, `person` waits for `sagetool resume`.
    """

    action: Literal["reduce_only", "halted"] = "reduce_only"
    flatten: bool = False
    release: Literal["next_day", "person"] = "next_day"
