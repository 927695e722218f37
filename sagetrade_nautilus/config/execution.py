"""How orders are sent: as a bracket or as a micro-trade, and what happens while a venue is silent."""

from typing import Annotated, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, Section


class ExecutionConfig(Section, frozen=True):
    """How an entry is sent, and how long the venue may be silent.

    Parameters
    ----------
    style : {'bracket', 'micro'}
        `bracket` sends entry, take-profit and stop-loss together. `micro` sends the entry alone, as a limit order that
        takes liquidity within a cap, and its exits with the first fill.
    max_slippage_bps : float
        The cap of a micro-trade: how far its price may ever lie beyond the price that it was decided on.
    first_slippage_bps : float
        How far its first price lies beyond that price, at most `max_slippage_bps`.
    reprice_step_bps : float
        How much nearer to the cap every later price is.
    reprice_interval_s : float
        Seconds between two prices; 0 keeps the first.
    lifetime_s : float
        Seconds after which what is not filled is cancelled. A decision to rest has its own lifetime.
    partial : {'keep', 'close'}
        What becomes of a micro-trade of which only a part could be had: it is kept and protected, or closed at once.
    stop_limit_offset_bps : float
        How far below its trigger the stop of a position in coins may still sell, at a venue that has no stop at the
        market for them. Below that the position is closed at the market.
    ack_timeout_s : float
        Seconds without an answer from the venue after which it is asked; 0 never asks.
    queries_max : int
        How often it is asked before the order is given up as unresolved.
    memory : {'file', 'redis'}
        Where a live node remembers its orders over its death: a file in its folder, or the Redis of `messaging`, behind
        Nautilus's cache, which misses what happens while it is away.
    recovery_stop_pct : float
        After a restart: how far from its average price a position gets its stop, and its take-profit on the other side,
        if nobody knows what was decided.
    recovery_hold_s : float
        And for how many seconds such a position is held at most.
    resends_max : int
        How often an order is sent again, under its own id, that the venue has answered it does not know, at every one
        of `queries_max` questions. Above 0 only for a venue that never takes one client order id twice.
    """

    style: Literal["bracket", "micro"] = "bracket"
    max_slippage_bps: NonNegativeFloat = 5.0
    first_slippage_bps: NonNegativeFloat = 1.0
    reprice_step_bps: PositiveFloat = 1.0
    reprice_interval_s: NonNegativeFloat = 2.0
    lifetime_s: PositiveFloat = 15.0
    partial: Literal["keep", "close"] = "keep"
    stop_limit_offset_bps: Annotated[float, Meta(gt=0.0, lt=10_000.0)] = 50.0
    ack_timeout_s: NonNegativeFloat = 5.0
    queries_max: PositiveInt = 3
    resends_max: NonNegativeInt = 0
    memory: Literal["file", "redis"] = "file"
    recovery_stop_pct: Annotated[float, Meta(gt=0.0, lt=100.0)] = 2.0
    recovery_hold_s: PositiveFloat = 3_600.0
