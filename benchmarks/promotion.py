"""How often the gate is fooled, and what it finds: ``python -m benchmarks.promotion [SEARCHES] [SEED]``.

On noise there are five times as many searches.

One search makes candidates, and offers its best to the gate one after another, the sealed days included, until one is
recommended. On pure noise every recommendation is false, whichever candidate it is. With one candidate that has an
edge, its recommendation is a find. Returns are normal, daily, and on the same days for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from benchmarks.command import Command, from_one, from_zero
from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.experiments.evidence import Evidence, HoldoutEvidence, Record
from sagetrade_nautilus.experiments.promotion import judge
from sagetrade_nautilus.model.overfitting import deflated_sharpe, sharpe_ratios, track, trials_variance
from sagetrade_nautilus.model.performance import DAYS_PER_YEAR
from sagetrade_nautilus.model.records import FloatArray

SEARCHES, ON_NOISE = 200, 5
OFFERED = 5
DAILY_VOLATILITY = 0.01
TRADES = 500


@dataclass(frozen=True)
class World:
    """What is searched.

    Parameters
    ----------
    edge : float
        Annualised Sharpe ratio that the first candidate has beyond the others'.
    baseline : float
        Annualised Sharpe ratio of the baseline.
    kinship : float
        Correlation of every candidate with the baseline, in [0, 1); they share its edge in that measure.
    """

    title: str
    candidates: int = 1_000
    days: int = 730
    holdout: int = 90
    edge: float = 0.0
    baseline: float = 0.0
    kinship: float = 0.0


NOISE = (
    World("noise, 1,000 candidates, 2 years"),
    World("noise, 1,000 candidates, 6 months", days=182, holdout=30),
    World("a good baseline (Sharpe 2) and 1,000 noisy copies", baseline=2.0, kinship=0.9),
    World("noise, 20 candidates, 2 years", candidates=20),
)
KIN = tuple(
    World(f"one of 1,000 kin of the baseline gains {edge:g}, 2 years", edge=edge, baseline=1.0, kinship=0.9)
    for edge in (2.0, 3.0)
)
PLANTED = tuple(
    World(f"one of {n:,} has a Sharpe of {edge:g}, {days // 365} years", candidates=n, days=days, edge=edge)
    for n, days, edges in (
        (1_000, 730, (2.0, 3.0, 4.0, 5.0, 6.0)),
        (20, 730, (2.0, 3.0, 4.0)),
        (1_000, 1_460, (2.0, 3.0, 4.0)),
    )
    for edge in edges
)


def draw(world: World, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the baseline's returns, and the candidates' as (days, candidates); the sealed days are the last."""
    days = world.days + world.holdout
    daily = DAILY_VOLATILITY / sqrt(DAYS_PER_YEAR)
    base = rng.normal(world.baseline * daily, DAILY_VOLATILITY, days)
    own = rng.normal(0.0, DAILY_VOLATILITY * sqrt(1.0 - world.kinship**2), (days, world.candidates))
    found = own + world.kinship * base[:, None]
    found[:, 0] += world.edge * daily
    return base, found


def search(world: World, policy: PromotionPolicy, rng: np.random.Generator) -> int | None:
    """Return which candidate is recommended, if any is."""
    base, found = draw(world, rng)
    split, readings = world.days, 0
    offered = [
        best
        for best in np.argsort(-sharpe_ratios(found[:split]))[:OFFERED]
        if _may_pass(found[:split], best, policy)  # the gate asks this too; it spares the rest of its questions
    ]
    trials = tuple(map(tuple, found[:split].T.tolist())) if offered else ()
    baseline = _record(base[:split])
    for best in offered:
        evidence = Evidence(baseline=baseline, candidate=_record(found[:split, best]), trial_returns=trials)
        if not judge(evidence, policy, world.candidates).awaits_holdout:
            continue
        readings += 1
        holdout = HoldoutEvidence(
            baseline=_record(base[split:]), candidate=_record(found[split:, best]), readings=readings
        )
        evidence = Evidence(baseline=baseline, candidate=evidence.candidate, trial_returns=trials, holdout=holdout)
        if judge(evidence, policy, world.candidates).recommended:
            return int(best)
    return None


def rates(world: World, policy: PromotionPolicy, searches: int, seed: int) -> tuple[int, int]:
    """Return how many searches ended in a recommendation, and in that of the candidate with the edge."""
    found = [search(world, policy, np.random.default_rng([seed, number])) for number in range(searches)]
    return sum(one is not None for one in found), sum(one == 0 for one in found)


def interval(hits: int, n: int) -> tuple[float, float]:
    """95% interval of a share (E. B. Wilson, J. of the American Statistical Association 22, 1927)."""
    z, share = 1.96, hits / n
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def lines(searches: int, seed: int) -> Iterator[str]:
    """Yield one line for each world."""
    policy = PromotionPolicy()
    for kind, worlds, n in (("false", NOISE, ON_NOISE * searches), ("found", (*PLANTED, *KIN), searches)):
        for world in worlds:
            recommended, planted = rates(world, policy, n, seed)
            hits = recommended if kind == "false" else planted
            low, high = interval(hits, n)
            yield f"{world.title:<56} {kind} {hits / n:6.1%} [{low:.1%}, {high:.1%}]  N={n}"


def _may_pass(found: FloatArray, best: int, policy: PromotionPolicy) -> bool:
    record = track(found[:, best])
    assert record is not None
    return deflated_sharpe(record, found.shape[1], trials_variance(found)) >= policy.min_deflated_sharpe


def _record(returns: FloatArray) -> Record:
    return Record(returns=tuple(returns.tolist()), trades=TRADES)


def command() -> Command:
    parser = Command("promotion", __doc__, "half an hour to an hour")
    parser.add_argument(
        "searches", type=from_one, nargs="?", default=SEARCHES, help="searches of each world with an edge (%(default)s)"
    )
    parser.add_argument("seed", type=from_zero, nargs="?", default=7, help="of the returns (%(default)s)")
    return parser


if __name__ == "__main__":
    given = command().parse_args()
    for line in lines(given.searches, given.seed):
        print(line, flush=True)
