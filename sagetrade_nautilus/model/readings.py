"""The values that pure models hand to one another. The Nautilus messages in ``data.py`` carry the same fields."""

from enum import StrEnum

import msgspec


class Regime(StrEnum):
    """The state of the market: volatility against its own past, and whether it trends."""

    LOW_VOL_RANGING = "low_vol_ranging"
    LOW_VOL_TRENDING = "low_vol_trending"
    HIGH_VOL_RANGING = "high_vol_ranging"
    HIGH_VOL_TRENDING = "high_vol_trending"


class Component(msgspec.Struct, frozen=True, gc=False):
    """One line of a score's explanation.

    Parameters
    ----------
    name : str
        What it is: 'rsi', 'zscore', 'text:CoinTelegraph'.
    kind : str
        'quant' or 'text'.
    value : float
        The raw measurement, in its own unit.
    score : float
        What it says of the direction, in [-1, 1].
    weight : float
        Its share of the total, in [0, 1]. The contribution is ``weight * score``.
    source_ids : tuple[str, ...]
        Ids of the texts behind it; empty for quant components.
    """

    name: str
    kind: str
    value: float
    score: float
    weight: float
    source_ids: tuple[str, ...] = ()


class QuantReading(msgspec.Struct, frozen=True, gc=False):
    """What prices alone say at one bar's close.

    Parameters
    ----------
    score : float
        Expected direction, in [-1, 1]: positive is up.
    confidence : float
        In [0, 1].
    volatility : float
        Realised standard deviation of log returns, scaled to one hour, as a fraction (0.01 = 1% an hour).
    regime : Regime
    price : float
        The close that the reading was made at.
    components : tuple[Component, ...]
    """

    score: float
    confidence: float
    volatility: float
    regime: Regime
    price: float
    components: tuple[Component, ...] = ()


class TextScore(msgspec.Struct, frozen=True, gc=False):
    """What a text model says of one text: sentiment in [-1, 1], confidence and impact_score in [0, 1]."""

    sentiment: float
    confidence: float
    event: str
    impact_score: float


class Composite(msgspec.Struct, frozen=True, gc=False):
    """All signals for one instrument in one number, with what it was made of.

    `score` lies in [-1, 1], `direction` is -1, 0 or 1, `confidence` lies in [0, 1]; the rest is as in
    `QuantReading`. ``score == sum(c.weight * c.score for c in components)`` up to rounding.
    """

    score: float
    direction: int
    confidence: float
    volatility: float
    regime: Regime
    price: float
    components: tuple[Component, ...] = ()
