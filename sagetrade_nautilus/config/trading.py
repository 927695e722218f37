"""Which strategies run, which of them may act, and how large."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import Fraction, Percent, Section


class StrategyEntry(Section, frozen=True):
    """One strategy of a run.

    Parameters
    ----------
    plugin : str
        The name of a file in ``strategies/``, without '.py'.
    name : str, optional
        What the strategy is called in the run; the plugin's name if left out.
    enabled : bool
        Whether it may enter from the start.
    instruments : list[str], optional
        Those that it trades, of `data.instruments`; all if left out.
    params : dict[str, Any]
        The plugin's own settings.
    """

    plugin: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z", examples=["dip_buyer"])]
    name: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*\Z", examples=["careful_dips"])] | None = None
    enabled: bool = True
    instruments: list[str] | None = None
    params: dict[str, Any] = {}

    @property
    def label(self) -> str:
        return self.name or self.plugin


class SelectorRule(Section, frozen=True):
    """One row of the policy table: in `regimes`, with enough confidence and budget, these strategies may act.

    Parameters
    ----------
    regimes : list[str]
        The regimes it covers; empty means all.
    min_confidence : float
        The composite's least confidence, in [0, 1].
    min_risk_budget : float
        The least share of the day's loss budget that must be left, in [0, 1].
    shares : dict[str, float]
        Strategy name to the share of its wished size, in (0, 1].
    """

    shares: dict[str, Annotated[float, Meta(gt=0.0, le=1.0)]]
    regimes: list[Literal["low_vol_ranging", "low_vol_trending", "high_vol_ranging", "high_vol_trending"]] = []
    min_confidence: Fraction = 0.0
    min_risk_budget: Fraction = 0.0


class SelectorConfig(Section, frozen=True):
    """The policy table. The first row that fits and names a strategy decides; no row means that it may not act.

    Parameters
    ----------
    rules : list[SelectorRule]
        The rows, read top down. With no rules at all every strategy may act with its full size.
    """

    rules: list[SelectorRule] = []


class SizingConfig(Section, frozen=True):
    """How a wish becomes a quantity: the smaller of what the policy table grants of it and the method's size.

    Parameters
    ----------
    method : {'fixed_fraction', 'volatility_scaled', 'kelly_lite'}
        `fixed_fraction` risks `max_trade_risk_pct` of equity between entry and stop; `volatility_scaled` sizes so that
        a one-hour move of one standard deviation is worth `max_trade_risk_pct`; `kelly_lite` takes `kelly_fraction` of
        the Kelly share, shrunk while the sample is small.
    max_trade_risk_pct : float
        What one trade may risk, of equity.
    kelly_fraction : float
        The part of the Kelly share that `kelly_lite` takes.
    capital_pct : float
        The share of equity that strategies size by. In live trading it is the canary plan's allocation at most.
    """

    method: Literal["fixed_fraction", "volatility_scaled", "kelly_lite"] = "fixed_fraction"
    max_trade_risk_pct: Percent = 0.5
    kelly_fraction: Annotated[float, Meta(gt=0.0, le=0.5)] = 0.25
    capital_pct: Percent = 100.0
