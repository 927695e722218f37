"""The thresholds of the guard."""

from sagetrade_nautilus.config.section import NonNegativeFloat, Percent, PositiveFloat, PositiveInt, Section


class LimitConfig(Section, frozen=True):
    """The guard's limits for orders that open or enlarge. Cancels and what can only reduce always pass.

    Parameters
    ----------
    max_open_trades : int
        Open positions and entries on their way, over all strategies.
    max_order_notional_pct : float
        Notional of one order, of current equity.
    max_exposure_pct : float
        Gross notional over all instruments, of current equity. A long and a short add up.
    max_net_exposure_pct : float
        Longs less shorts over all instruments, either way, of current equity.
    max_symbol_exposure_pct : float
        Gross notional in one instrument, of current equity.
    max_daily_loss_pct : float
        Loss of the UTC day, of equity at 00:00 UTC, at which no further position is opened until the next day.
    price_collar_pct : float
        How far a limit or trigger price may lie from the last price.
    max_price_age_s : float
        No entry on a price older than this, in seconds.
    max_price_jump_pct : float
        No entry right after a step between two prices that is larger than this.
    no_duplicate_s : float
        Seconds within which the very same entry is not sent twice.
    max_repeated_orders : int
        Entries of one strategy for one instrument and side within `repeat_window_s`.
    repeat_window_s : float
        The window of `max_repeated_orders`, in seconds.
    max_orders_per_minute : int
        Entries of all strategies within a minute.
    """

    max_open_trades: PositiveInt = 4
    max_order_notional_pct: PositiveFloat = 50.0
    max_exposure_pct: PositiveFloat = 100.0
    max_net_exposure_pct: PositiveFloat = 100.0
    max_symbol_exposure_pct: PositiveFloat = 50.0
    max_daily_loss_pct: Percent = 3.0
    price_collar_pct: PositiveFloat = 10.0
    max_price_age_s: PositiveFloat = 900.0
    max_price_jump_pct: PositiveFloat = 20.0
    no_duplicate_s: NonNegativeFloat = 1.0
    max_repeated_orders: PositiveInt = 10
    repeat_window_s: PositiveFloat = 60.0
    max_orders_per_minute: PositiveInt = 60
