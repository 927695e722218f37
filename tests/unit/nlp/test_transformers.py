"""A tiny BERT with random weights: our graph in onnxruntime against the same forward pass written in numpy."""

import json
from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sagetrade_nautilus.config import TextConfig, TransformersConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.pipeline import is_bounded
from sagetrade_nautilus.nlp import model_files
from sagetrade_nautilus.nlp.models import create_model

SKIP = "needs the extra: pip install -e '.[transformers]'"
for package in ("onnx", "onnxruntime", "tokenizers", "safetensors"):
    pytest.importorskip(package, reason=SKIP)

from sagetrade_nautilus.nlp.runtime import OnnxNetwork, open_session  # noqa: E402
from sagetrade_nautilus.nlp.transformers import OnnxClassifier, load_model  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "profit", "rose", "fell", "costs", "the", "bank", "sales", "##s", "by"]
HIDDEN, HEADS, LAYERS, INNER, PLACES = 16, 4, 2, 24, 32
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": HIDDEN,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "layer_norm_eps": 1e-12,
    "id2label": {"0": "positive", "1": "negative", "2": "neutral"},
}
Weights = dict[str, NDArray[np.float32]]
TEXTS = ["profit rose", "costs rose and sales fell by the banks", "", "the bank of profits", "unheard words"]


def random_weights(labels: int = 3) -> Weights:
    rng = np.random.default_rng(7)
    weights: Weights = {}

    def dense(name: str, inputs: int, outputs: int) -> None:
        weights[f"{name}.weight"] = rng.normal(0.0, 0.4, (outputs, inputs)).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0.0, 0.4, outputs).astype(np.float32)

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = rng.normal(1.0, 0.2, HIDDEN).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0.0, 0.2, HIDDEN).astype(np.float32)

    for kind, rows in (("word", len(WORDS)), ("position", PLACES), ("token_type", 2)):
        table = rng.normal(0.0, 1.0, (rows, HIDDEN)).astype(np.float32)
        weights[f"bert.embeddings.{kind}_embeddings.weight"] = table
    norm("bert.embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"bert.encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            dense(f"{name}.attention.self.{part}", HIDDEN, HIDDEN)
        dense(f"{name}.attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{name}.attention.output.LayerNorm")
        dense(f"{name}.intermediate.dense", HIDDEN, INNER)
        dense(f"{name}.output.dense", INNER, HIDDEN)
        norm(f"{name}.output.LayerNorm")
    dense("bert.pooler.dense", HIDDEN, HIDDEN)
    dense("classifier", HIDDEN, labels)
    return weights


def write_model(folder: Path, config: dict[str, Any], weights: Weights) -> Path:
    from safetensors.numpy import save_file

    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    save_file(weights, folder / "model.safetensors")
    return folder


def forward(weights: Weights, ids: list[int]) -> NDArray[np.float64]:
    """BERT for one text without padding, by the book."""
    w = {name.removeprefix("bert."): array.astype(np.float64) for name, array in weights.items()}

    def dense(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt(x.var(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm("embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
    for layer in range(LAYERS):
        name, width = f"encoder.layer.{layer}", HIDDEN // HEADS
        q, k, v = (dense(f"{name}.attention.self.{part}", x) for part in ("query", "key", "value"))
        mixed = np.empty_like(x)
        for head in range(HEADS):
            part = slice(head * width, (head + 1) * width)
            scores = np.exp(q[:, part] @ k[:, part].T / np.sqrt(width))
            mixed[:, part] = scores / scores.sum(-1, keepdims=True) @ v[:, part]
        x = norm(f"{name}.attention.output.LayerNorm", dense(f"{name}.attention.output.dense", mixed) + x)
        inner = dense(f"{name}.intermediate.dense", x)
        inner = inner * 0.5 * (1.0 + np.vectorize(erf)(inner / np.sqrt(2.0)))
        x = norm(f"{name}.output.LayerNorm", dense(f"{name}.output.dense", inner) + x)
    return dense("classifier", np.tanh(dense("pooler.dense", x[0])))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "tiny", CONFIG, random_weights())


def configured(folder: Path, **settings: Any) -> TransformersConfig:
    return TransformersConfig(model=str(folder), **settings)


def test_the_graph_computes_what_the_weights_say(folder: Path) -> None:
    config = configured(folder, batch_size=2)
    logits = OnnxClassifier(folder, config).logits(TEXTS)
    rows = [None] * len(TEXTS)
    for which, inputs in OnnxNetwork(folder, config.max_tokens, 1).batches(TEXTS):
        rows[which[0]] = forward(random_weights(), inputs["input_ids"][0].tolist())
    assert np.abs(np.array(rows)).max() > 0.5
    np.testing.assert_allclose(logits, np.array(rows), atol=2e-5)


def test_sentiment_is_positive_less_negative_and_bounded(folder: Path) -> None:
    model = load_model(configured(folder))
    logits = OnnxClassifier(folder, configured(folder)).logits(TEXTS).astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    scores = model.analyse(TEXTS)
    np.testing.assert_allclose([s.sentiment for s in scores], shares[:, 0] - shares[:, 1], atol=1e-4)
    np.testing.assert_allclose([s.confidence for s in scores], shares[:, :2].max(1), atol=1e-4)
    assert all(map(is_bounded, scores))
    assert model.analyse([]) == []


def test_a_text_scores_the_same_whatever_it_is_batched_with(folder: Path) -> None:
    model = load_model(configured(folder, batch_size=3))
    assert model.analyse(TEXTS) == [model.analyse([text])[0] for text in TEXTS]


def test_a_long_text_is_read_up_to_its_bound(folder: Path) -> None:
    network = OnnxNetwork(folder, 8, 4)
    [(_, inputs)] = network.batches(["profit " * 100_000])
    assert inputs["input_ids"].shape == (1, 8)


def test_topic_labels_become_events(tmp_path: Path) -> None:
    labels = ["Earnings", "Legal | Regulation", "Politics"]
    config = CONFIG | {"id2label": {str(n): label for n, label in enumerate(labels)}}
    scores = load_model(configured(write_model(tmp_path / "topics", config, random_weights()))).analyse(TEXTS)
    assert {score.event for score in scores} <= {"earnings", "regulation_legal", "other"}
    assert all(score.sentiment == score.confidence == 0.0 for score in scores)


def test_the_name_tells_the_model_its_weights_and_the_backend(folder: Path, tmp_path: Path) -> None:
    name = create_model(TextConfig(model="transformers", transformers=configured(folder))).name
    assert name.startswith("transformers-1-tiny-")
    assert name.endswith("-onnxruntime")
    other = random_weights()
    other["classifier.bias"] = other["classifier.bias"] + 1.0
    assert load_model(configured(write_model(tmp_path / "tiny", CONFIG, other))).name != name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id2label": {"0": "yes", "1": "no", "2": "maybe"}}, "neither sentiments"),
        ({"id2label": None}, "no id2label"),
        ({"model_type": "gpt2"}, "only BERT with GELU"),
        ({"num_hidden_layers": 3}, r"lack 'encoder\.layer\.2"),
    ],
)
def test_a_model_that_cannot_be_read_is_refused_with_the_way_out(tmp_path: Path, change: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_model(configured(write_model(tmp_path / "odd", CONFIG | change, random_weights())))


def test_missing_files_are_named(folder: Path) -> None:
    (folder / "vocab.txt").unlink()
    with pytest.raises(ConfigError, match=r"tokenizer\.json nor vocab\.txt"):
        load_model(configured(folder))
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match=r"none of model\.onnx"):
        load_model(configured(folder))
    (folder / "config.json").write_text("[")
    with pytest.raises(ConfigError, match=r"config\.json cannot be read"):
        load_model(configured(folder))


def test_a_damaged_onnx_file_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ConfigError, match="cannot be loaded by onnxruntime"):
        load_model(configured(folder))


def test_without_a_network_the_message_says_what_to_put_where(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hub:
        @staticmethod
        def snapshot_download(*_: Any, **__: Any) -> str:
            raise OSError("no route")

    monkeypatch.setattr(model_files, "need", lambda *_: Hub)
    with pytest.raises(ConfigError, match=r"(?s)could not be fetched \(OSError\).*tokenizer\.json.*folder"):
        load_model(TransformersConfig(revision="0" * 40))


def test_a_hub_model_is_asked_for_at_its_revision_and_its_files_only(
    monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path
) -> None:
    asked: list[Any] = []

    class Hub:
        @staticmethod
        def snapshot_download(name: str, **settings: Any) -> str:
            asked.append((name, settings))
            return str(folder)

    real = model_files.need
    monkeypatch.setattr(
        model_files, "need", lambda name, *rest: Hub if name == "huggingface_hub" else real(name, *rest)
    )
    commit = "abc123def4" * 4
    config = TransformersConfig(revision=commit, cache_dir=str(tmp_path))
    assert "abc123de" in load_model(config).name
    [(name, settings)] = asked
    assert (name, settings["revision"], settings["cache_dir"]) == ("ProsusAI/finbert", commit, str(tmp_path))
    assert not any(pattern.endswith((".bin", ".pkl", ".py")) for pattern in settings["allow_patterns"])


def test_a_package_that_is_missing_is_named_with_its_extra() -> None:
    with pytest.raises(ConfigError, match=r"needs no_such_package .*sagetrade-nautilus\[transformers\]"):
        model_files.need("no_such_package")


@pytest.mark.parametrize("raw", [b"", b"\xff" * 40, b"\x02" + b"\0" * 7 + b"[]"])
def test_weights_that_cannot_be_read_are_named(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "model.safetensors").write_bytes(raw)
    with pytest.raises(ConfigError, match=r"model\.safetensors"):
        open_session(tmp_path)


def test_settings_that_are_nested_too_deeply_are_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[" * 99_999)
    with pytest.raises(ConfigError, match=r"config\.json cannot be read"):
        model_files.read_json(tmp_path, "config.json")


def test_settings_of_another_network_are_named_with_the_folder(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"\x02" + b"\0" * 7 + b"{}")
    with pytest.raises(ConfigError, match=r"model\.safetensors: model of type None"):
        open_session(tmp_path)
