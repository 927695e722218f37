"""Which strategies may act now, and with what share of their wish: a policy table read top down."""

from typing import NamedTuple

from sagetrade_nautilus.config import SelectorConfig, SelectorRule
from sagetrade_nautilus.model.readings import Regime


class Grant(NamedTuple):
    """What the table grants: a share in [0, 1] of the wished size, and the row (1-based) that decided, 0 for none."""

    share: float
    row: int


FULL = Grant(1.0, 0)
NONE = Grant(0.0, 0)


class Selector:
    """Reads the policy table. The first row that fits the moment *and* names the strategy decides.

    Parameters
    ----------
    config : SelectorConfig
        Its rules in order. An empty table lets every strategy act with its full size.
    """

    def __init__(self, config: SelectorConfig) -> None:
        self._rules = config.rules

    def grant(self, strategy: str, regime: Regime, confidence: float, risk_budget: float) -> Grant:
        """Return the share that `strategy` may use.

        Parameters
        ----------
        strategy : str
            The strategy's name in the run's configuration.
        regime : Regime
            The market's state now.
        confidence : float
            The composite's confidence, in [0, 1].
        risk_budget : float
            The share of the day's loss budget that is left, in [0, 1].
        """
        if not self._rules:
            return FULL
        for row, rule in enumerate(self._rules, start=1):
            share = rule.shares.get(strategy)
            if share is not None and _fits(rule, regime, confidence, risk_budget):
                return Grant(share, row)
        return NONE


def _fits(rule: SelectorRule, regime: Regime, confidence: float, risk_budget: float) -> bool:
    return (
        (not rule.regimes or regime.value in rule.regimes)
        and confidence >= rule.min_confidence
        and risk_budget >= rule.min_risk_budget
    )
