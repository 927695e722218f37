"""How often the gate is fooled, and what it finds: ``python -m benchmarks.promotion [SEARCHES] [SEED]``.

On noise there are five times as many searches.

One search makes candidates, and offers its best to the gate one after another, the sealed days included, until one is
recommended. People search otherwise: each offers one candidate, measured alone, and the ledger counts those before it.
On pure noise every recommendation is false, whichever candidate it is. With one candidate that has an edge, its
recommendation is a find. Returns are normal, daily, and on the same days for all.

The last lines ask the same of other values of `min_holdout_probability`: what they let through that shone on the
research days alone, as what remembers them does, and what of a real edge they find.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import sqrt

import msgspec
import numpy as np

from benchmarks.command import Command, from_one, from_zero
from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, HoldoutEvidence, Record
from sagetrade_nautilus.experiments.promotion.judge import judge
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
    people : bool
        Whether each candidate is somebody's one proposal. All are offered, the one with the edge last.
    lasts : bool
        Whether the edge is there on the sealed days too.
    """

    title: str
    candidates: int = 1_000
    days: int = 730
    holdout: int = 90
    edge: float = 0.0
    baseline: float = 0.0
    kinship: float = 0.0
    people: bool = False
    lasts: bool = True


NOISE = (
    World("noise, 1,000 candidates, 2 years"),
    World("noise, 1,000 candidates, 6 months", days=182, holdout=30),
    World("a good baseline (Sharpe 2) and 1,000 noisy copies", baseline=2.0, kinship=0.9),
    World("noise, 20 candidates, 2 years", candidates=20),
    World("noise, 200 people with one candidate each, 2 years", candidates=200, people=True),
    World("noise, 20 people with one candidate each, 2 years", candidates=20, people=True),
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
PEOPLE = tuple(
    World(f"the last of {n:,} people has a Sharpe of {edge:g}, 2 years", candidates=n, edge=edge, people=True)
    for n, edge in ((20, 3.0), (20, 4.0), (200, 4.0), (200, 5.0))
)
REMEMBERED, LASTING = (
    tuple(
        World(
            f"{kind}, {sealed} sealed days", 20, 730, sealed, edge, baseline=1.0, kinship=kin, people=True, lasts=lasts
        )
        for sealed in (30, 90)
        for kind, edge, kin in kinds
    )
    for lasts, kinds in (
        (False, (("its edge of 8 is only remembered", 8.0, 0.0),)),
        (True, (("its edge of 5 lasts", 5.0, 0.0), ("kin of the baseline, its edge of 3 lasts", 3.0, 0.9))),
    )
)
SEALED_BOUNDS = (0.5, 0.8, 0.9, 0.95)


def draw(world: World, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the baseline's returns, and the candidates' as (days, candidates); the sealed days are the last."""
    days = world.days + world.holdout
    daily = DAILY_VOLATILITY / sqrt(DAYS_PER_YEAR)
    base = rng.normal(world.baseline * daily, DAILY_VOLATILITY, days)
    own = rng.normal(0.0, DAILY_VOLATILITY * sqrt(1.0 - world.kinship**2), (days, world.candidates))
    found = own + world.kinship * base[:, None]
    found[: days if world.lasts else world.days, 0] += world.edge * daily
    return base, found


def offers(world: World, past: FloatArray) -> Iterator[tuple[int, int, FloatArray]]:
    """Yield which candidates are offered, each with the number of trials by then and what was measured beside it."""
    if world.people:
        for trials, one in enumerate(reversed(range(world.candidates)), 1):
            yield one, trials, past[:, [one]]
    else:
        for one in np.argsort(-sharpe_ratios(past))[:OFFERED]:
            yield int(one), world.candidates, past


def search(world: World, policy: PromotionPolicy, rng: np.random.Generator) -> int | None:
    """Return which candidate is recommended, if any is."""
    base, found = draw(world, rng)
    split, readings = world.days, 0
    baseline = _record(base[:split])
    for one, trials, known in offers(world, found[:split]):
        if not _may_pass(found[:split, one], trials, known, policy):
            continue  # the gate asks this too; it spares the rest of its questions
        evidence = GateEvidence(
            baseline=baseline,
            candidate=_record(found[:split, one]),
            trial_returns=tuple(map(tuple, known.T.tolist())),
            searched=known.shape[1],
        )
        if not judge(evidence, policy, trials).awaits_holdout:
            continue
        readings += 1
        holdout = HoldoutEvidence(
            baseline=_record(base[split:]), candidate=_record(found[split:, one]), readings=readings
        )
        if judge(msgspec.structs.replace(evidence, holdout=holdout), policy, trials).recommended:
            return one
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
    for world in NOISE:
        yield _line(world, policy, "false", ON_NOISE * searches, seed)
    for world in (*PLANTED, *KIN, *PEOPLE):
        yield _line(world, policy, "found", searches, seed)
    for bound in SEALED_BOUNDS:
        other = msgspec.structs.replace(policy, min_holdout_probability=bound)
        for kind, worlds in (("false", REMEMBERED), ("found", LASTING)):
            for world in worlds:
                titled = replace(world, title=f"{bound:g}: {world.title}")
                yield _line(titled, other, kind, ON_NOISE * searches, seed)


def _line(world: World, policy: PromotionPolicy, kind: str, n: int, seed: int) -> str:
    recommended, planted = rates(world, policy, n, seed)
    hits = recommended if kind == "false" else planted
    low, high = interval(hits, n)
    return f"{world.title:<64} {kind} {hits / n:6.1%} [{low:.1%}, {high:.1%}]  N={n}"


def _may_pass(returns: FloatArray, trials: int, known: FloatArray, policy: PromotionPolicy) -> bool:
    record = track(returns)
    assert record is not None
    return deflated_sharpe(record, trials, trials_variance(known)) >= policy.min_deflated_sharpe


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
