"""The policy table: the first fitting row that names the strategy decides."""

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import SelectorConfig, SelectorRule
from sagetrade_nautilus.model.readings import Regime
from sagetrade_nautilus.model.selection import Selector

CALM = Regime.LOW_VOL_RANGING
WILD = Regime.HIGH_VOL_TRENDING

TABLE = SelectorConfig(
    rules=[
        SelectorRule(regimes=["high_vol_trending"], min_confidence=0.5, shares={"momentum": 1.0}),
        SelectorRule(regimes=["high_vol_trending"], shares={"momentum": 0.25, "reversion": 0.1}),
        SelectorRule(min_risk_budget=0.5, shares={"reversion": 0.8}),
    ]
)


def test_an_empty_table_lets_everybody_act() -> None:
    assert Selector(SelectorConfig()).grant("any", CALM, 0.0, 0.0) == (1.0, 0)


def test_the_first_fitting_row_decides() -> None:
    selector = Selector(TABLE)
    assert selector.grant("momentum", WILD, 0.6, 1.0) == (1.0, 1)
    assert selector.grant("momentum", WILD, 0.4, 1.0) == (0.25, 2)


def test_a_row_that_does_not_name_the_strategy_is_passed_over() -> None:
    assert Selector(TABLE).grant("reversion", WILD, 0.9, 1.0) == (0.1, 2)


def test_no_fitting_row_means_no_trade() -> None:
    selector = Selector(TABLE)
    assert selector.grant("momentum", CALM, 1.0, 1.0) == (0.0, 0)
    assert selector.grant("reversion", CALM, 1.0, 0.4) == (0.0, 0)
    assert selector.grant("stranger", WILD, 1.0, 1.0) == (0.0, 0)


@given(st.sampled_from(list(Regime)), st.floats(0, 1), st.floats(0, 1), st.sampled_from(["momentum", "reversion"]))
def test_a_share_lies_between_nothing_and_all(regime: Regime, confidence: float, budget: float, strategy: str) -> None:
    assert 0.0 <= Selector(TABLE).grant(strategy, regime, confidence, budget).share <= 1.0
