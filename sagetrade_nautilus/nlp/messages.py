"""Between prepared texts and the messages on the bus. The actors and the batch API both go through here."""

from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import TextItem, TextSignal
from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.dedupe import Story
from sagetrade_nautilus.model.text.meaning import MeaningMemory, MeaningRules
from sagetrade_nautilus.model.text.pipeline import PipelineRules, PreparedText, TextPipeline, is_bounded, model_text
from sagetrade_nautilus.model.text.protocol import TextModel
from sagetrade_nautilus.nanos import NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND
from sagetrade_nautilus.nlp.embeddings import load_encoder


def create_pipeline(config: TextConfig, tickers: tuple[str, ...] = ()) -> TextPipeline:
    """Build an empty pipeline from the configuration of a run.

    Raises
    ------
    ConfigError
        It wants sentence embeddings, and the model or a package is missing.
    """
    return TextPipeline(
        PipelineRules(
            ingest_latency_ns=round(config.ingest_latency_s * NANOS_PER_SECOND),
            max_age_ns=round(config.max_age_min * NANOS_PER_MINUTE),
            duplicate_capacity=config.duplicate_capacity,
            duplicate_window_ns=round(config.duplicate_window_h * NANOS_PER_HOUR),
            tickers=frozenset(tickers),
        ),
        _meanings(config),
    )


def _meanings(config: TextConfig) -> MeaningMemory[Story] | None:
    wanted = config.embeddings
    if not wanted.duplicates:
        return None
    window_h = min(wanted.duplicate_window_h, config.duplicate_window_h)
    rules = MeaningRules(
        similarity=wanted.duplicate_similarity,
        window_ns=round(window_h * NANOS_PER_HOUR),
        capacity=wanted.duplicate_capacity,
    )
    return MeaningMemory(rules, load_encoder(wanted.folder))


def pipeline_name(config: TextConfig) -> str:
    """Return name and version of the model that the pipeline asks, for the run's fingerprint; '' if it asks none."""
    return load_encoder(config.embeddings.folder).name if config.embeddings.duplicates else ""


def to_item(prepared: PreparedText, ts_init: int) -> TextItem:
    """Return the message that releases `prepared` at `ts_init`."""
    return TextItem(
        prepared.ts_event,
        ts_init,
        item_id=prepared.item_id,
        source=prepared.source,
        title=prepared.title,
        body=prepared.body,
        url=prepared.url,
        language=prepared.language,
        entities=" ".join(prepared.entities),
    )


def text_for_model(item: TextItem) -> str:
    """Return what a text model reads of `item`."""
    return model_text(item.title, item.body)


def ask_model(model: TextModel, text: str) -> TextScore | None:
    """Return what `model` says of one text, or ``None`` if it fails: a text must not be able to stop a node."""
    try:
        (score,) = model.analyse([text])
    except Exception:  # noqa: BLE001 - a model is foreign code, fed with what strangers write
        return None
    return score


def to_signals(item: TextItem, score: TextScore, ts_init: int) -> list[TextSignal]:
    """Return one signal per entity of `item`, in their order; none when the score is out of bounds."""
    if not is_bounded(score):
        return []
    return [
        TextSignal(
            item.ts_event,
            ts_init,
            entity=entity,
            sentiment=score.sentiment,
            confidence=score.confidence,
            event=score.event,
            impact_score=score.impact_score,
            source=item.source,
            item_id=item.item_id,
            url=item.url,
        )
        for entity in item.entities.split()
    ]
