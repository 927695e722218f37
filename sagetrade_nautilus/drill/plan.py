"""What a seed stands for: how long, how faulty, on which kind of venue, under which limits."""

from random import Random

import msgspec

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_SECOND

START = 1_640_995_200 * NANOS_PER_SECOND  # 2022-01-01 00:00 UTC
SYMBOLS = ("BTCUSDT.BINANCE", "ETHUSDT.BINANCE")


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """What the programs do beyond the ordinary.

    Parameters
    ----------
    brackets : bool
        Whether they send brackets.
    trespasses : bool
        Whether they close positions of other strategies.
    names_no_position : bool
        Whether they send reducing orders that name no position although they have one, where positions are kept apart.
    repeats_open_ids : bool
        Whether they send a new order under the id of one that is still open.
    """

    brackets: bool = True
    trespasses: bool = False
    names_no_position: bool = False
    repeats_open_ids: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the drill.

    Parameters
    ----------
    seed : int
        What everything is drawn from.
    steps : int
        How many things happen before all is left to settle.
    start : int
        The first moment, UNIX nanoseconds.
    limits : LimitConfig
        The guard's thresholds.
    hedging : bool
        Whether each entry opens a position of its own; else a strategy has one position for each instrument.
    enforces_reduce_only : bool
        Whether the venue cuts a reducing order down to what is open.
    manners : Manners
        What the programs do beyond the ordinary.
    latency_s_max : float
        The longest way to the venue or back.
    lost_share, doubled_share, partial_share, reject_share : float
        How often a message is lost, a report is told twice, a fill is partial, an order is rejected; in [0, 1].
    lag_share : float
        How often the process leaves something in its queues for later, in [0, 1].
    crash_share : float
        How often the process dies at one of the points of a step, in [0, 1].
    """

    seed: int
    steps: int
    start: int
    limits: LimitConfig
    hedging: bool
    enforces_reduce_only: bool
    manners: Manners
    latency_s_max: float
    lost_share: float
    doubled_share: float
    partial_share: float
    reject_share: float
    lag_share: float
    crash_share: float


def draw(seed: int, steps: int = 120, *, strict: bool = False) -> Plan:
    """Return the plan of a seed. One seed in five has a quiet network, so that what goes wrong there stands out.

    `strict` has the programs also do what is known to go wrong.
    """
    rng = Random(f"plan {seed}")  # noqa: S311 - a drill must be repeatable
    quiet = rng.random() < 0.2
    enforces = rng.random() < 0.75
    return Plan(
        seed=seed,
        steps=steps,
        start=START + rng.choice((0, NANOS_PER_DAY // 2, NANOS_PER_DAY - 90 * NANOS_PER_SECOND)),
        limits=_limits(rng),
        hedging=rng.random() < 0.4,
        enforces_reduce_only=enforces,
        manners=Manners(
            brackets=enforces,
            trespasses=strict,
            names_no_position=strict,
            repeats_open_ids=strict,
        ),
        latency_s_max=0.02 if quiet else rng.choice((0.05, 0.5, 2.0)),
        lost_share=0.0 if quiet else rng.choice((0.0, 0.03, 0.1)),
        doubled_share=0.0 if quiet else rng.choice((0.0, 0.05, 0.2)),
        partial_share=0.0 if quiet else rng.choice((0.0, 0.3, 0.7)),
        reject_share=rng.choice((0.0, 0.05)),
        lag_share=rng.choice((0.0, 0.0, 0.3)),
        crash_share=rng.choice((0.0, 0.01, 0.02)),
    )


def _limits(rng: Random) -> LimitConfig:
    return LimitConfig(
        max_open_trades=rng.choice((2, 4, 8)),
        max_order_notional_pct=rng.choice((10.0, 50.0)),
        max_symbol_exposure_pct=rng.choice((20.0, 50.0)),
        max_exposure_pct=rng.choice((40.0, 80.0)),
        max_net_exposure_pct=rng.choice((30.0, 60.0)),
        max_daily_loss_pct=rng.choice((0.2, 1.0, 3.0)),
        max_price_age_s=rng.choice((20.0, 120.0)),
        max_price_jump_pct=rng.choice((5.0, 20.0)),
    )
