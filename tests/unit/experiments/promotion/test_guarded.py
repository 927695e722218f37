"""What only people change is found by path and by effect, and what nobody thought of counts as such."""

import msgspec
import pytest

from sagetrade_nautilus.config import SelectorConfig, SelectorRule
from sagetrade_nautilus.experiments.evaluation.variants import changed
from sagetrade_nautilus.experiments.promotion.guarded import effects, paths
from tests.support.sealed import RUN


@pytest.mark.parametrize(
    "path",
    [
        "strategies/dip_buyer.py",
        "configs/demo.toml",
        "tests/unit/strategies/test_dip_buyer.py",
        "docs/plugins.md",
        "proposals/exp-20261126-001/trades.log",
        "sagetrade_nautilus/model/quant.py",
    ],
)
def test_logic_runs_tests_and_words_need_nobody(path: str) -> None:
    assert paths([path]) == []


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("AI_POLICY.md", "policy"),
        ("approvals/C-1.json", "approve"),
        (".github/workflows/proposals.yml", "checks"),
        (".ci/run", "checks"),
        ("sagetrade_nautilus/guard/gate/gate.py", "guard"),
        ("sagetrade_nautilus/experiments/promotion/judge.py", "gates"),
        ("sagetrade_nautilus/governance/store.py", "gates"),
        ("sagetrade_nautilus/model/sizing.py", "money"),
        ("sagetrade_nautilus/secrets.py", "secrets"),
        ("pyproject.toml", "installed"),
        ("tests/unit/strategies/conftest.py", "all tests"),
        ("tests/unit/strategies/helpers.py", "nothing that is known"),
        ("sagetrade_nautilus/run/live.py", "nothing that is known"),
        ("conftest.py", "nothing that is known"),
        ("strategies/../sagetrade_nautilus/guard/gate/gate.py", "nothing that is known"),
        ("strategies/__init__.py", "nothing that is known"),
        ("configs/sub/x.toml", "nothing that is known"),
    ],
)
def test_all_else_needs_a_person(path: str, what: str) -> None:
    assert what in paths([path])[0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("limits.max_exposure_pct", 20.0),
        ("sizing.max_trade_risk_pct", 0.4),
        ("breaker.flatten", True),
        ("venue.leverage", 3.0),
        ("costs.taker_fee_bps", 0.0),
        ("promotion.min_trades", 1),
        ("experiments.holdout_days", 1),
        ("strategies.momentum_scalper.params.size_pct", 50.0),
        ("node.execution", "paper"),
    ],
)
def test_money_limits_and_policy_are_found_by_effect(path: str, value: object) -> None:
    assert path in effects(RUN, changed(RUN, {path: value}))[0]  # type: ignore[dict-item]


def test_signals_and_decisions_are_a_proposals_own() -> None:
    after = changed(RUN, {"aggregator.text_weight": 0.3, "strategies.momentum_scalper.params.min_move": 3.0})
    assert effects(RUN, after) == []


def test_a_smaller_size_or_share_is_harmless_and_a_larger_one_is_money() -> None:
    rules = SelectorConfig(rules=[SelectorRule(shares={"momentum_scalper": 0.5})])
    sized = changed(RUN, {"strategies.momentum_scalper.params.size_pct": 20.0})
    before = msgspec.structs.replace(sized, selector=rules)
    place = "selector.rules.0.shares.momentum_scalper"
    assert effects(before, changed(before, {place: 0.4})) == []
    assert effects(before, changed(before, {place: 0.6})) == [f"{place}: from 0.5 to 0.6"]
    assert effects(before, changed(before, {"strategies.momentum_scalper.params.size_pct": 10.0})) == []
    assert len(effects(before, changed(before, {"strategies.momentum_scalper.params.size_pct": 21.0}))) == 1
