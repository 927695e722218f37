"""The gate of promotion recommends what holds in every respect, and nothing that it cannot measure."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.promotion import NOISE, World, interval, rates
from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, HoldoutEvidence, Record
from sagetrade_nautilus.experiments.promotion.judge import Ruling, judge

POLICY = PromotionPolicy(bootstrap_samples=300, cscv_blocks=8)
DAYS, SEALED = 500, 60


def record(mean: float, seed: int, days: int = DAYS, **named: float) -> Record:
    returns = np.random.default_rng(seed).normal(mean, 0.01, days)
    return Record(returns=tuple(returns.tolist()), trades=int(named.pop("trades", 400)), **named)  # type: ignore[arg-type]


BASELINE, GOOD = record(0.0, 0), record(0.004, 1)
NOISES = tuple(record(0.0, seed).returns for seed in range(10, 29))
SEALED_GOOD = HoldoutEvidence(baseline=record(0.0, 2, SEALED), candidate=record(0.004, 3, SEALED), readings=1)
EVIDENCE = GateEvidence(baseline=BASELINE, candidate=GOOD, trial_returns=(GOOD.returns, *NOISES), holdout=SEALED_GOOD)


def changed(**changes: object) -> GateEvidence:
    return msgspec.structs.replace(EVIDENCE, **changes)


def failed(verdict: Ruling) -> set[str]:
    return {check.name for check in verdict.failed}


def test_a_proposal_that_holds_in_every_respect_is_recommended() -> None:
    verdict = judge(EVIDENCE, POLICY, 20)
    assert failed(verdict) == set()
    assert verdict.recommended
    assert not verdict.awaits_holdout
    assert verdict.trials == 20


def test_the_sealed_days_are_only_worth_reading_once_all_else_holds() -> None:
    verdict = judge(changed(holdout=None), POLICY, 20)
    assert verdict.awaits_holdout
    assert not verdict.recommended
    assert failed(verdict) == {"holdout_days", "holdout_probability", "holdout_drawdown_gain_pct"}
    bad = judge(changed(holdout=None, candidate=msgspec.structs.replace(GOOD, trades=3)), POLICY, 20)
    assert not bad.awaits_holdout


@pytest.mark.parametrize(
    ("evidence", "names"),
    [
        (changed(candidate=msgspec.structs.replace(GOOD, trades=99)), {"trades"}),
        (changed(candidate=msgspec.structs.replace(GOOD, drawdown_pct=40.0)), {"drawdown_gain_pct"}),
        (changed(holdout=HoldoutEvidence(baseline=BASELINE, candidate=BASELINE, readings=1)), {"holdout_probability"}),
        (
            changed(
                holdout=HoldoutEvidence(baseline=record(0.004, 5, 60), candidate=record(-0.004, 6, 60), readings=1)
            ),
            {"holdout_probability", "holdout_drawdown_gain_pct"},
        ),
        (
            changed(holdout=HoldoutEvidence(baseline=record(0, 2, 15), candidate=record(0.01, 3, 15), readings=1)),
            {"holdout_days"},
        ),
    ],
)
def test_one_respect_in_which_it_does_not_hold_is_enough(evidence: GateEvidence, names: set[str]) -> None:
    verdict = judge(evidence, POLICY, 20)
    assert failed(verdict) == names
    assert not verdict.recommended


def test_many_trials_elsewhere_count_although_their_returns_are_not_known() -> None:
    middling = record(0.0021, 1)
    evidence = changed(candidate=middling, trial_returns=(middling.returns, *NOISES))
    few, many = (
        {check.name: check.value for check in judge(evidence, POLICY, n).checks}["deflated_sharpe"] for n in (20, 9_000)
    )
    assert few is not None
    assert many is not None
    assert few > 0.9 > many


def test_more_known_trials_than_were_counted_count() -> None:
    assert judge(EVIDENCE, POLICY, 3).trials == 20


def test_trials_whose_returns_are_hidden_cannot_be_judged() -> None:
    for searched in (0, 2, 20):
        assert failed(judge(changed(trial_returns=(), searched=searched), POLICY, 20)) == {"overfitting"}
    assert failed(judge(changed(trial_returns=(GOOD.returns,)), POLICY, 20)) == {"overfitting"}


def test_one_setting_was_chosen_from_none_so_overfitting_is_not_asked_and_the_verdict_says_so() -> None:
    verdict = judge(changed(trial_returns=(GOOD.returns,), searched=1), POLICY, 20)
    assert verdict.recommended
    assert verdict.trials == 20
    asked = {check.name: str(check) for check in verdict.checks}
    assert asked["overfitting"].startswith("overfitting: does not apply, because the experiment measured one setting")
    assert all("does not apply" not in said for name, said in asked.items() if name != "overfitting")


def test_who_shows_the_returns_of_several_settings_is_asked_whatever_is_said_of_their_number() -> None:
    bad = tuple(record(0.004 * (-1) ** seed, seed).returns for seed in range(40, 60))
    verdict = judge(changed(trial_returns=(GOOD.returns, *bad), searched=1), POLICY, 20)
    assert {check.name: check.inapplicable for check in verdict.checks}["overfitting"] == ""


def test_a_setting_that_was_chosen_from_none_pays_for_all_trials_that_were_made_elsewhere() -> None:
    single = changed(candidate=(middling := record(0.0021, 1)), trial_returns=(middling.returns,), searched=1)
    assert failed(judge(single, POLICY, 9_000)) == {"deflated_sharpe", "deflated_gain"}


def test_an_improvement_that_only_noise_made_is_not_one_however_good_the_baseline_is() -> None:
    good = record(0.004, 30)
    noise = np.random.default_rng(31).normal(0.0, 0.001, (50, DAYS))
    kin = tuple(tuple((np.asarray(good.returns) + one).tolist()) for one in noise)
    best = max(kin, key=sum)
    verdict = judge(
        GateEvidence(baseline=good, candidate=Record(returns=best, trades=400), trial_returns=kin), POLICY, 50
    )
    assert "deflated_gain" in failed(verdict)
    assert "deflated_sharpe" not in failed(verdict)


def test_each_reading_of_the_sealed_days_asks_for_more() -> None:
    bounds = []
    for readings in (1, 2, 10):
        evidence = changed(holdout=msgspec.structs.replace(SEALED_GOOD, readings=readings))
        checks = {check.name: check for check in judge(evidence, POLICY, 20).checks}
        bounds.append(checks["holdout_probability"].bound)
    assert bounds == pytest.approx([0.95, 0.975, 0.995])


def test_a_candidate_that_does_nothing_is_not_recommended() -> None:
    idle = Record(returns=(0.0,) * DAYS)
    verdict = judge(GateEvidence(baseline=record(-0.004, 1), candidate=idle), POLICY, 1)
    assert {"trades", "sharpe_gain", "deflated_sharpe", "track_record_days"} <= failed(verdict)


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        (changed(baseline=record(0.0, 0, DAYS - 1)), "same ones"),
        (changed(holdout=HoldoutEvidence(baseline=BASELINE, candidate=record(0.0, 1, 60), readings=1)), "same ones"),
        (changed(trial_returns=(GOOD.returns, NOISES[0][:-1])), "other days"),
        (changed(trial_returns=NOISES), "none of the trials"),
        (changed(candidate=Record(returns=(*GOOD.returns[:-1], float("nan")))), "no number"),
        (changed(baseline=Record(returns=()), candidate=Record(returns=()), trial_returns=()), "0 days"),
    ],
)
def test_evidence_that_contradicts_itself_is_refused(evidence: GateEvidence, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        judge(evidence, POLICY, 1)


def test_a_verdict_can_be_written_and_read() -> None:
    for evidence in (EVIDENCE, GateEvidence(baseline=GOOD, candidate=BASELINE)):
        verdict = judge(evidence, POLICY, 1)
        assert msgspec.json.decode(msgspec.json.encode(verdict), type=Ruling) == verdict
        assert all(str(check) for check in verdict.checks)


def test_the_same_evidence_is_judged_the_same() -> None:
    assert judge(EVIDENCE, POLICY, 20) == judge(EVIDENCE, POLICY, 20)


@given(st.integers(0, 2**32 - 1), st.integers(12, 80), st.integers(1, 6), st.integers(1, 3_000))
def test_whatever_the_evidence_says_a_recommendation_means_that_every_check_holds(
    seed: int, days: int, others: int, trials: int
) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(3, size=(others + 2, days)) * 0.02 + rng.normal(0.0, 0.02, size=(others + 2, 1))
    returns = np.maximum(returns, -0.9)
    base, *found = (tuple(one.tolist()) for one in returns)
    sealed = HoldoutEvidence(baseline=Record(returns=base), candidate=Record(returns=found[0]), readings=1)
    evidence = GateEvidence(
        baseline=Record(returns=base),
        candidate=Record(returns=found[0], trades=500),
        trial_returns=tuple(found),
        holdout=sealed,
    )
    policy = PromotionPolicy(bootstrap_samples=100, cscv_blocks=4, min_days=10, min_holdout_days=10)
    verdict = judge(evidence, policy, trials)
    assert verdict.recommended == all(check.holds for check in verdict.checks)
    for check in verdict.checks:
        assert not check.holds or check.value is not None or check.inapplicable
    more = {check.name: check.value for check in judge(evidence, policy, trials + 500).checks}
    for check in verdict.checks:
        if check.name.startswith("deflated") and check.value is not None:
            assert (more[check.name] or 0.0) <= check.value + 1e-12


def test_the_policy_of_the_benchmark_lets_little_noise_through() -> None:
    """1,000 candidates of noise, whose best five are offered: at most 5% of the searches end in a recommendation."""
    recommended, _ = rates(NOISE[0], PromotionPolicy(cscv_blocks=8), searches=60, seed=1)
    assert recommended / 60 <= 0.05


def test_of_many_people_with_one_proposal_each_on_noise_few_ever_see_one_recommended() -> None:
    """A hundred people, each judged alone and counted: in at most 5% of such ledgers is anything recommended."""
    crowd = World("noise", candidates=100, people=True)
    recommended, _ = rates(crowd, PromotionPolicy(bootstrap_samples=300), searches=60, seed=5)
    assert recommended / 60 <= 0.05


def test_of_many_people_the_one_whose_proposal_has_an_edge_is_found_although_all_before_count() -> None:
    crowd = World("an edge", candidates=100, edge=8.0, people=True)
    recommended, found = rates(crowd, PromotionPolicy(bootstrap_samples=300), searches=40, seed=6)
    assert found >= recommended - 1
    assert found / 40 >= 0.8


def test_what_shone_on_the_research_days_alone_is_recommended_no_more_often_than_the_policy_says() -> None:
    remembered = World("remembered", candidates=1, edge=8.0, people=True, lasts=False)
    recommended, _ = rates(remembered, PromotionPolicy(bootstrap_samples=300), searches=300, seed=7)
    assert interval(recommended, 300)[0] <= 0.05 <= interval(recommended, 300)[1]


@pytest.mark.slow
@pytest.mark.parametrize("world", NOISE, ids=lambda world: world.title)
def test_of_a_thousand_candidates_of_noise_at_most_one_search_in_twenty_ends_in_a_recommendation(world: World) -> None:
    recommended, _ = rates(world, PromotionPolicy(cscv_blocks=8), searches=300, seed=2)
    assert interval(recommended, 300)[1] <= 0.05


@pytest.mark.slow
def test_an_edge_among_a_thousand_candidates_is_found() -> None:
    world = World("an edge", candidates=1_000, days=730, edge=9.0)
    recommended, found = rates(world, PromotionPolicy(cscv_blocks=8), searches=40, seed=3)
    assert found == recommended
    assert found / 40 >= 0.8
