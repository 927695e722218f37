"""Targets: what a proposal brings with it, and what GitHub says of it."""

from collections.abc import Iterator
from functools import cache

import msgspec
import numpy as np

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ExperimentError, GovernanceError
from sagetrade_nautilus.experiments.delivery import recheck
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.report import Report
from sagetrade_nautilus.experiments.delivery.reviews import Pull, Review, proposal_of, read, review_faults
from sagetrade_nautilus.experiments.experiment import Experiment
from tests.fuzz.guards import DEEP
from tests.fuzz.target import Target, folder, put, refused
from tests.support.proposal import AT, CONFIG, report
from tests.support.sound import LONG, sound

HEAD = "c" * 40
REVIEW = b'{"user":{"login":"anna","type":"User"},"state":"APPROVED","commit_id":"%s","author_association":"OWNER"}'
REVIEWS = b"[%s]" % (REVIEW % HEAD.encode())
PULLS = b'[{"head":{"ref":"experiment/a"},"draft":false,"user":{"login":"anna","type":"User"},"labels":[{"name":"x"}]}]'


@cache
def _sound() -> tuple[Report, dict[str, bytes], RunConfig]:
    run = load(put(folder("proposal") / "run.toml", LONG.encode()))
    words = {"id": "exp-20261126-001", "name": "n", "hypothesis": "h", "proposer": "human", "created_at": AT}
    experiment = Experiment(**words, config=CONFIG, base="b", seed=7)
    return *sound(report(experiment, HEAD, HEAD, {}, (), True), run, run), run


def _odd_evidence() -> Iterator[bytes]:
    """Return what daily returns can be, beside sound ones."""
    evidence = msgspec.json.decode(_sound()[1][reports.EVIDENCE])
    good = evidence["candidate"]["returns"]
    for days in ([], [0.0] * len(good), [-1.0] * len(good), [1e308] * len(good), good[:1]):
        for key in ("candidate", "baseline"):
            yield msgspec.json.encode({**evidence, key: {**evidence[key], "returns": days}})
        candidate = {**evidence["candidate"], "returns": days}
        yield msgspec.json.encode({**evidence, "candidate": candidate, "trial_returns": [days], "baseline": candidate})
    yield msgspec.json.encode({**evidence, "trial_returns": [], "holdout": None})


def artifacts(raw: bytes) -> None:
    """Whatever an artifact holds is found to fit the report or not: a proposal cannot end the judging of it."""
    made, whole, run = _sound()
    place = put(folder("proposal") / reports.REPORT, raw).parent
    with np.errstate(all="ignore"):  # of numbers out of all bounds nothing comes that fits
        for name in (reports.EVIDENCE, reports.TRADES, reports.BACKTEST):
            assert all(recheck.faults(made, {**whole, name: raw}, run, run))
        with refused(ExperimentError):
            assert all(recheck.faults(reports.read(place), whole, run, run))


def answers(raw: bytes) -> None:
    """An answer of GitHub's lets a proposal pass, says what it lacks, or is refused."""
    path = put(folder("reviews") / "answer.json", raw)
    with refused(GovernanceError, naming="answer.json"):
        assert all(review_faults(read(path, Review), "anna", HEAD))
    with refused(GovernanceError):
        proposal_of(read(path, Pull))


def _seeds() -> tuple[bytes, ...]:
    made, whole, _ = _sound()
    figures = (whole[name] for name in (reports.EVIDENCE, reports.TRADES, reports.BACKTEST))
    return (*figures, reports.encode(made), *_odd_evidence(), DEEP)


TARGETS = {
    "proposal-artifacts": Target(_seeds(), artifacts, slow=True),
    "github-answers": Target((REVIEWS, PULLS, DEEP, b"[null]"), answers),
}
