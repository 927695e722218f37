"""One composite out of a price reading and the texts of the last hours.

The text score of an entity is a weighted mean of the sentiments of its recent items. An item weighs
``impact_score * confidence * 2 ** (-age / half_life)``; old items fade and leave. No source may hold more than
`source_cap` of the total weight, however many items it sends. The composite is
``w_quant * quant + w_text * text``, where text that is silent lends its weight to nobody: no news, a smaller score.
"""

import msgspec

from sagetrade_nautilus.config import AggregatorConfig, TextConfig
from sagetrade_nautilus.model.readings import Component, Composite, QuantReading

NANOS_PER_MINUTE = 60_000_000_000
MARKET_WIDE = "CRYPTO"
TEXT_SATURATION = 1.0
"""The total weight of texts at which their mean counts in full; below it, the mean is scaled down in proportion."""


class TextEvidence(msgspec.Struct, frozen=True, gc=False):
    """One text's say on one entity. `ts` is when we knew it (UNIX nanoseconds)."""

    ts: int
    source: str
    item_id: str
    sentiment: float
    confidence: float
    impact_score: float


class TextScores(msgspec.Struct, frozen=True, gc=False):
    """The text score in [-1, 1] and what each source adds to it (component weights sum to at most 1)."""

    score: float
    components: tuple[Component, ...]


SILENT = TextScores(0.0, ())


class TextMemory:
    """The recent texts of one instrument, faded by age and capped by source.

    Parameters
    ----------
    config : TextConfig
        Half-life, cap and maximum age.
    """

    def __init__(self, config: TextConfig) -> None:
        self._half_life_ns = config.half_life_min * NANOS_PER_MINUTE
        self._max_age_ns = int(config.max_age_hours * 60 * NANOS_PER_MINUTE)
        self._cap = config.source_cap
        self._items: list[TextEvidence] = []

    def add(self, evidence: TextEvidence) -> None:
        """Remember one text; one that speaks of the instrument twice (by name and market-wide) counts once."""
        if all(item.item_id != evidence.item_id for item in self._items):
            self._items.append(evidence)

    def score(self, ts: int) -> TextScores:
        """Return the text score at `ts` (UNIX nanoseconds); forgets what is older than the maximum age."""
        oldest = ts - self._max_age_ns
        if self._items and self._items[0].ts < oldest:
            self._items = [item for item in self._items if item.ts >= oldest]
        if not self._items:
            return SILENT
        by_source: dict[str, list[tuple[float, TextEvidence]]] = {}
        for item in self._items:
            weight = item.impact_score * item.confidence * 2.0 ** (-(ts - item.ts) / self._half_life_ns)
            by_source.setdefault(item.source, []).append((weight, item))
        return self._capped(by_source)

    def _capped(self, by_source: dict[str, list[tuple[float, TextEvidence]]]) -> TextScores:
        totals = {source: sum(weight for weight, _ in items) for source, items in by_source.items()}
        whole = max(sum(totals.values()), TEXT_SATURATION)
        components = []
        for source in sorted(by_source):
            total = totals[source]
            if total <= 0.0:
                continue
            mean = sum(weight * item.sentiment for weight, item in by_source[source]) / total
            share = min(total / whole, self._cap)
            heaviest = sorted(by_source[source], key=lambda pair: (-pair[0], pair[1].item_id))[:5]
            ids = tuple(item.item_id for _, item in heaviest)
            components.append(Component(f"text:{source}", "text", mean, mean, share, ids))
        return TextScores(sum(part.weight * part.score for part in components), tuple(components))


class Aggregator:
    """Joins the readings of one instrument.

    Parameters
    ----------
    config : AggregatorConfig
        Weights and the neutral band.
    text : TextConfig
        How texts fade and are capped.

    Notes
    -----
    `confidence` is the mean of the parts' confidence by their weights, ``w_q * c_q + w_t * |text|``, halved where
    prices and texts point in opposite directions.
    """

    def __init__(self, config: AggregatorConfig, text: TextConfig) -> None:
        text_weight = config.text_weight if text.enabled else 0.0
        self._quant_weight = config.quant_weight / (config.quant_weight + text_weight)
        self._text_weight = text_weight / (config.quant_weight + text_weight)
        self._neutral_band = config.neutral_band
        self._texts = TextMemory(text)

    def add_text(self, evidence: TextEvidence) -> None:
        """Remember one text about the instrument."""
        self._texts.add(evidence)

    def combine(self, quant: QuantReading, ts: int) -> Composite:
        """Return the composite of a price reading and the texts known at `ts` (UNIX nanoseconds)."""
        texts = self._texts.score(ts)
        score = self._quant_weight * quant.score + self._text_weight * texts.score
        direction = 0 if abs(score) < self._neutral_band else 1 if score > 0.0 else -1
        confidence = self._quant_weight * quant.confidence + self._text_weight * abs(texts.score)
        if quant.score * texts.score < 0.0:
            confidence *= 0.5
        components = (
            *_scaled(quant.components, self._quant_weight),
            *_scaled(texts.components, self._text_weight),
        )
        return Composite(
            score, direction, confidence, quant.volatility, quant.regime, quant.price, components
        )


def _scaled(components: tuple[Component, ...], factor: float) -> tuple[Component, ...]:
    return tuple(
        Component(part.name, part.kind, part.value, part.score, part.weight * factor, part.source_ids)
        for part in components
    )
