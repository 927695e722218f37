"""The gate of promotion: whether evidence is good enough to put a proposal before a person.

It knows no names, no reasons and no words, only figures, so there is nothing to talk it into. Whatever it cannot
measure does not hold. It recommends; it merges nothing.
"""

from math import inf, isfinite
from typing import Final

import msgspec
import numpy as np

from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, HoldoutEvidence, Record
from sagetrade_nautilus.model import overfitting, performance
from sagetrade_nautilus.model.records import FloatArray

INAPPLICABLE: Final = "does not apply"
"""What is said of a check that has nothing to ask."""


class PolicyCheck(msgspec.Struct, frozen=True):
    """One condition of the policy.

    Parameters
    ----------
    name : str
        What was measured.
    value : float, optional
        What was found; ``None`` if it cannot be told, and then it does not hold.
    bound : float
        What it was held against.
    holds : bool
        Whether it may pass.
    at_least : bool
        Whether the value must reach the bound; else it must not exceed it.
    inapplicable : str
        Why nothing can be asked here, so that nothing is found and it keeps nobody back; '' where it is asked.
    """

    name: str
    value: float | None
    bound: float
    holds: bool
    at_least: bool = True
    inapplicable: str = ""

    def __str__(self) -> str:
        if self.inapplicable:
            return f"{self.name}: {INAPPLICABLE}, because {self.inapplicable}"
        found = "unknown" if self.value is None else f"{self.value:.4g}"
        relation = "at least" if self.at_least else "at most"
        return (
            f"{self.name}: {found}, must be {relation} {self.bound:.4g}: {'holds' if self.holds else 'DOES NOT HOLD'}"
        )


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate says.

    Parameters
    ----------
    recommended : bool
        Whether every check holds that applies.
    awaits_holdout : bool
        Whether every other check holds and the sealed days have not been read: only then are they worth reading.
    trials : int
        The N that the figures were deflated for.
    checks : tuple[PolicyCheck, ...]
        Every check, whether or not an earlier one failed.
    """

    recommended: bool
    awaits_holdout: bool
    trials: int
    checks: tuple[PolicyCheck, ...]

    @property
    def failed(self) -> tuple[PolicyCheck, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.holds)


def judge(evidence: GateEvidence, policy: PromotionPolicy, trials: int) -> Ruling:
    """Hold `evidence` against `policy`.

    Parameters
    ----------
    evidence : GateEvidence
        Without the sealed days first; with them once the verdict `awaits_holdout`.
    policy : PromotionPolicy
        The baseline's, never the candidate's.
    trials : int
        How many evaluations the ledger counts, this one included. If `trial_returns` holds more, those count.

    Raises
    ------
    ExperimentError
        Records that must be of the same days are not, a return is no number, or the candidate is not among the trials.
    """
    matrix = _trials(evidence)
    counted = max(trials, matrix.shape[1], 1)
    checks = (*_research(evidence, policy), *_search(evidence, policy, matrix, counted))
    known = all(check.holds for check in checks)
    sealed = _sealed(evidence.holdout, policy)
    return Ruling(
        recommended=known and all(check.holds for check in sealed),
        awaits_holdout=known and evidence.holdout is None,
        trials=counted,
        checks=(*checks, *sealed),
    )


def _research(evidence: GateEvidence, policy: PromotionPolicy) -> list[PolicyCheck]:
    """Compare the candidate with the baseline on the research days."""
    candidate, baseline = _returns(evidence.candidate), _returns(evidence.baseline)
    more, less = performance.sharpe(candidate), performance.sharpe(baseline)
    record = overfitting.track(candidate)
    length = overfitting.minimum_track_record(record, confidence=policy.confidence) if record else inf
    rng = np.random.default_rng(policy.seed)
    gain = overfitting.gain(candidate, baseline, policy.bootstrap_samples, rng)
    deeper = _drawdown_pct(evidence.candidate) - _drawdown_pct(evidence.baseline)
    return [
        _at_least("days", candidate.size, policy.min_days),
        _at_least("trades", evidence.candidate.trades, policy.min_trades),
        _at_least("sharpe_gain", None if more is None else more - (less or 0.0), policy.min_sharpe_gain),
        _at_least("return_gain_pct", _return_pct(candidate) - _return_pct(baseline), policy.min_return_gain_pct),
        _at_most("drawdown_gain_pct", deeper, policy.drawdown_tolerance_pct),
        _at_most("track_record_days", length, candidate.size),
        _above_zero("sharpe_gain_low", gain.sharpe.low),
        _above_zero("mean_gain_low", gain.mean.low),
    ]


def _search(evidence: GateEvidence, policy: PromotionPolicy, matrix: FloatArray, counted: int) -> list[PolicyCheck]:
    """Take back what the search for the candidate would have found by luck."""
    candidate, baseline = _returns(evidence.candidate), _returns(evidence.baseline)
    deflated = [
        overfitting.deflated_sharpe(record, counted, overfitting.trials_variance(found)) if record else None
        for record, found in (
            (overfitting.track(candidate), matrix),
            (overfitting.track(candidate - baseline), matrix - baseline[:, None]),
        )
    ]
    return [
        _at_least("deflated_sharpe", deflated[0], policy.min_deflated_sharpe),
        _at_least("deflated_gain", deflated[1], policy.min_deflated_sharpe),
        _chosen(evidence.searched, policy, matrix),
    ]


def _chosen(searched: int, policy: PromotionPolicy, matrix: FloatArray) -> PolicyCheck:
    """Ask whether the way in which the candidate was chosen picks what is good afterwards; one setting is no choice."""
    name, bound = "overfitting", policy.max_overfitting
    if searched == 1 and matrix.shape[1] == 1:
        why = "the experiment measured one setting and chose from none; the deflated ratios count every trial"
        return PolicyCheck(name, None, bound, holds=True, at_least=False, inapplicable=why)
    return _at_most(name, overfitting.backtest_overfitting(matrix, policy.cscv_blocks), bound)


def _sealed(holdout: HoldoutEvidence | None, policy: PromotionPolicy) -> list[PolicyCheck]:
    """Ask the sealed days. What must be shown there grows with each reading (Bonferroni)."""
    readings = max(1, holdout.readings) if holdout is not None else 1
    probability = 1.0 - (1.0 - policy.min_holdout_probability) / readings
    days, chance, deeper = None, None, None
    if holdout is not None:
        candidate, baseline = _returns(holdout.candidate), _returns(holdout.baseline)
        _require_same_days(candidate, baseline)
        days = candidate.size
        record = overfitting.track(candidate - baseline)
        chance = overfitting.probabilistic_sharpe(record) if record else None
        deeper = _drawdown_pct(holdout.candidate) - _drawdown_pct(holdout.baseline)
    return [
        _at_least("holdout_days", days, policy.min_holdout_days),
        _at_least("holdout_probability", chance, probability),
        _at_most("holdout_drawdown_gain_pct", deeper, policy.drawdown_tolerance_pct),
    ]


def _trials(evidence: GateEvidence) -> FloatArray:
    """Return the daily returns of all trials that are known, of shape (days, trials)."""
    candidate = _returns(evidence.candidate)
    _require_same_days(candidate, _returns(evidence.baseline))
    if not evidence.trial_returns:
        return candidate[:, None]
    if any(len(returns) != candidate.size for returns in evidence.trial_returns):
        raise ExperimentError("a trial was measured on other days than the candidate; measure all on the same")
    if evidence.candidate.returns not in evidence.trial_returns:
        raise ExperimentError("the candidate is none of the trials that it is said to be chosen from")
    return _finite(np.asarray(evidence.trial_returns, dtype=np.float64).T)


def _returns(record: Record) -> FloatArray:
    return _finite(np.asarray(record.returns, dtype=np.float64))


def _finite(returns: FloatArray) -> FloatArray:
    if not np.isfinite(returns).all():
        raise ExperimentError("a daily return is no number, so nothing can be judged; look at the run that made it")
    return returns


def _require_same_days(one: FloatArray, other: FloatArray) -> None:
    if one.size != other.size or one.size == 0:
        raise ExperimentError(
            f"the candidate has {one.size} days and the baseline {other.size}; measure both on the same ones"
        )


def _return_pct(returns: FloatArray) -> float:
    return 100.0 * float(np.prod(1.0 + returns) - 1.0)


def _drawdown_pct(record: Record) -> float:
    daily = -100.0 * float(np.min(performance.underwater(np.cumprod(1.0 + _returns(record)), 1.0)))
    return max(daily, record.drawdown_pct)


def _at_least(name: str, value: float | None, bound: float) -> PolicyCheck:
    return PolicyCheck(name, value, bound, holds=value is not None and value >= bound)


def _at_most(name: str, value: float | None, bound: float) -> PolicyCheck:
    known = value if value is not None and isfinite(value) else None
    return PolicyCheck(name, known, bound, holds=known is not None and known <= bound, at_least=False)


def _above_zero(name: str, value: float | None) -> PolicyCheck:
    return PolicyCheck(name, value, 0.0, holds=value is not None and value > 0.0)
