"""What evidence a proposal needs to be recommended. A person changes it, never a proposal."""

from typing import Annotated

from msgspec import Meta

from sagetrade_nautilus.config.section import Fraction, NonNegativeFloat, PositiveInt, Section

Probability = Annotated[float, Meta(gt=0.0, lt=1.0)]


class PromotionPolicy(Section, frozen=True):
    """What evidence a proposal needs to be recommended to a person. All of it must hold; what is unknown does not.

    Parameters
    ----------
    min_sharpe_gain : float
        By how much the annualised Sharpe ratio must exceed the baseline's.
    min_return_gain_pct : float
        By how much the return over all research days must exceed the baseline's, in points.
    drawdown_tolerance_pct : float
        By how much the maximum drawdown may exceed the baseline's, in points.
    min_deflated_sharpe : float
        Probability that the Sharpe ratio, and that of what it earns above the baseline, is above what the luckiest of
        all trials would show.
    max_overfitting : float
        Probability of backtest overfitting; not asked where the experiment measured one setting and chose from none.
    confidence : float
        For which the record must be long enough to say that the Sharpe ratio is above 0.
    min_days : int
        Research days.
    min_trades : int
        Trades of the proposal on them.
    min_holdout_days : int
        Sealed days.
    min_holdout_probability : float
        Probability, from the sealed days alone, that it earns more than the baseline. Each later reading of the same
        days raises it, so that their use does not wear it out.
    bootstrap_samples : int
        How many resamples stand behind an interval.
    cscv_blocks : int
        Into how many blocks time is cut to measure overfitting; an even number.
    seed : int
        Seed of the resamples.
    """

    min_sharpe_gain: NonNegativeFloat = 0.2
    min_return_gain_pct: NonNegativeFloat = 5.0
    drawdown_tolerance_pct: NonNegativeFloat = 2.0
    min_deflated_sharpe: Probability = 0.95
    max_overfitting: Fraction = 0.1
    confidence: Probability = 0.95
    min_days: PositiveInt = 90
    min_trades: PositiveInt = 100
    min_holdout_days: PositiveInt = 20
    min_holdout_probability: Probability = 0.95
    bootstrap_samples: Annotated[int, Meta(ge=100)] = 2_000
    cscv_blocks: Annotated[int, Meta(ge=4, le=16, multiple_of=2)] = 16
    seed: int = 7
