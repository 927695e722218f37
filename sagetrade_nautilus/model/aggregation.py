"""One composite out of a price reading and the texts of the last hours.

The text score of an entity is a weighted mean of the sentiments of its recent items. An item weighs
``impact_score * confidence * 2 ** (-age / half_life)``, its age counted from its publication; old items fade and
leave. No source may hold more than `source_cap` of the total weight, however many items it sends. The composite is
``w_quant * quant + w_text * text``, where text that is silent lends its weight to nobody: no news, a smaller score.
"""

import msgspec

from sagetrade_nautilus.config import AggregatorConfig, TextConfig
from sagetrade_nautilus.model.readings import Component, Composite, QuantReading
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

MARKET_WIDE = "CRYPTO"
FADED = 1e-4
"""A source whose texts weigh less than this altogether is silent."""
NAMED_TEXTS = 5
"""How many texts of a source an explanation names: its heaviest."""
REMEMBERED_IDS = 10_000
TEXT_SATURATION = 1.0
"""The total weight of texts at which their mean counts in full; below it, the mean is scaled down in proportion."""


class TextEvidence(msgspec.Struct, frozen=True, gc=False):
    """One text's say on one entity. `ts` is when it was published (UNIX nanoseconds): old news is faded news."""

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


class _Source:
    """The faded sums of one source's texts, as of `ts`, and the ids of the heaviest."""

    __slots__ = ("heaviest", "sentiment", "ts", "weight")

    def __init__(self) -> None:
        self.ts = 0
        self.weight = 0.0
        self.sentiment = 0.0
        self.heaviest: list[tuple[float, str]] = []


class TextMemory:
    """The recent texts of one instrument, faded by age and capped by source.

    All texts fade at the same rate, so one sum per source is enough: its size does not grow with the texts.

    Parameters
    ----------
    config : TextConfig
        Half-life and cap.
    """

    def __init__(self, config: TextConfig) -> None:
        self._half_life_ns = config.half_life_min * NANOS_PER_MINUTE
        self._cap = config.source_cap
        self._sources: dict[str, _Source] = {}
        self._seen: dict[str, None] = {}

    def add(self, evidence: TextEvidence) -> None:
        """Remember one text; one that speaks of the instrument twice (by name and market-wide) counts once."""
        if evidence.item_id in self._seen:
            return
        self._seen[evidence.item_id] = None
        if len(self._seen) > REMEMBERED_IDS:
            del self._seen[next(iter(self._seen))]
        source = self._sources.setdefault(evidence.source, _Source())
        newest = max(source.ts, evidence.ts)
        kept = 2.0 ** ((source.ts - newest) / self._half_life_ns)
        weight = evidence.impact_score * evidence.confidence * 2.0 ** ((evidence.ts - newest) / self._half_life_ns)
        source.weight = source.weight * kept + weight
        source.sentiment = source.sentiment * kept + weight * evidence.sentiment
        source.ts = newest
        heaviest = [(old * kept, item_id) for old, item_id in source.heaviest]
        source.heaviest = sorted([*heaviest, (weight, evidence.item_id)], reverse=True)[:NAMED_TEXTS]

    def score(self, ts: int) -> TextScores:
        """Return the text score at `ts` (UNIX nanoseconds), which must not lie before the last text."""
        if not self._sources:
            return SILENT
        half_life = self._half_life_ns
        totals = [
            (name, source, source.weight * 2.0 ** ((source.ts - ts) / half_life))
            for name, source in sorted(self._sources.items())
        ]
        whole = max(sum(total for _, _, total in totals), TEXT_SATURATION)
        components = []
        score = 0.0
        for name, source, total in totals:
            if total < FADED:
                continue
            mean = source.sentiment / source.weight
            share = min(total / whole, self._cap)
            score += share * mean
            ids = tuple(item_id for _, item_id in source.heaviest)
            components.append(Component(f"text:{name}", "text", mean, mean, share, ids))
        return TextScores(score, tuple(components))


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
        return Composite(score, direction, confidence, quant.volatility, quant.regime, quant.price, components)


def _scaled(components: tuple[Component, ...], factor: float) -> tuple[Component, ...]:
    return tuple(
        Component(part.name, part.kind, part.value, part.score, part.weight * factor, part.source_ids)
        for part in components
    )
