"""How a node runs: a replay, paper trading, live."""

from typing import Literal

from sagetrade_nautilus.config.section import Fraction, NonNegativeFloat, NonNegativeInt, PositiveFloat, Section


class NodeConfig(Section, frozen=True):
    """Where a node's data come from and its orders go. A backtest needs none of it.

    Parameters
    ----------
    data : {'replay', 'binance', 'alpaca'}
        `replay` plays the catalog, on a clock that follows it; the others are live feeds, on the wall's clock.
    execution : {'simulated', 'paper'}
        `simulated` is the backtest's exchange behind a live execution client, for replays; `paper` is the paper
        trading client. Whatever it says, `sagetool paper` and `sagetool replay` send nothing to a broker,
        and `sagetool trial` and `sagetool live` do.
    reject_share : float
        The share of orders that the paper trading client rejects for no reason.
    seed : int
        Decides, together with an order's id, whether it is rejected.
    state : str
        The folder of the node's kill switch, heartbeat, journal and control file; each runner has one of its own in it.
    speed : float
        How many times faster than the data a replay goes; 0 is as fast as the node works.
    feed_latency : {'configured', 'recorded'}
        When a replay delivers bars: at their close, or when the node whose feed was recorded heard them. Bars that no
        node heard come at their close.
    feed_latency_ms : float
        By how much later than that a replay delivers each datum, in milliseconds.
    on_stop : {'leave', 'cancel', 'flatten'}
        What Ctrl-C does before the node ends: `cancel` cancels what rests and could open a position, `flatten` cancels
        everything and closes positions, `leave` does neither.
    stop_timeout_s : float
        How long it waits for that, in seconds.
    record : str
        The catalog that a live feed's bars and texts are kept in, a day at a time; '' keeps none.
    warm_up_h : float
        How many hours of past bars a live feed is asked for at the start, so that signals and plugins need not wait
        for them; 0 asks for none. Until the answer, or the third bar without one, no price signal is published. The
        simulated canary of an experiment begins with as many.
    reconcile_s : float
        Seconds between two comparisons of our books with the venue's, in live trading. What differs twice running is
        only reduced until it agrees again.
    """

    data: Literal["replay", "binance", "alpaca"] = "replay"
    execution: Literal["simulated", "paper"] = "simulated"
    reject_share: Fraction = 0.0
    seed: NonNegativeInt = 0
    state: str = "state"
    speed: NonNegativeFloat = 0.0
    feed_latency: Literal["configured", "recorded"] = "configured"
    feed_latency_ms: NonNegativeFloat = 0.0
    on_stop: Literal["leave", "cancel", "flatten"] = "cancel"
    stop_timeout_s: PositiveFloat = 10.0
    record: str = ""
    warm_up_h: NonNegativeFloat = 120.0
    reconcile_s: PositiveFloat = 30.0
