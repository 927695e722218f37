from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.hashing import CHUNK
from sagetrade_nautilus.model.text.topics import TOPICS, WEIGHTS_FILE, TopicClassifier

CLASSIFIER = TopicClassifier()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("$ABC - Abacus upgraded to Buy at Northbank on valuation", "Analyst Update"),
        ("Fed officials signal another 75 basis point rate hike in July", "Fed | Central Banks"),
        ("Abacus Corp declares $0.20 dividend", "Dividend"),
        ("Abacus to Announce Second Quarter 2022 Financial Results on July 28", "Earnings"),
        ("Oil prices climb as OPEC keeps crude output unchanged", "Energy | Oil"),
        ("Law firm announces securities class action against Abacus on behalf of investors", "Legal | Regulation"),
        ("Abacus Appoints Jane Miller as Chief Financial Officer", "Personnel Change"),
        ("Abacus to acquire Bead Inc. for $2.1 billion in cash", "M&A | Investments"),
        ("Biden meets congressional leaders before the midterm elections", "Politics"),
    ],
)
def test_a_plain_example_of_a_topic_is_recognised(text: str, topic: str) -> None:
    assert CLASSIFIER.classify([text]) == [topic]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_a_text_has_the_same_probabilities_to_the_last_bit_alone_and_in_a_batch(texts: list[str]) -> None:
    together = CLASSIFIER.probabilities(texts)
    assert together.shape == (len(texts), len(TOPICS))
    for row, text in zip(together, texts, strict=True):
        assert (CLASSIFIER.probabilities([text])[0] == row).all()
        assert row.sum() == pytest.approx(1.0)


def test_more_texts_than_a_chunk_are_scored() -> None:
    texts = [f"Abacus {n} declares dividend" for n in range(2 * CHUNK + 3)]
    assert CLASSIFIER.classify(texts) == ["Dividend"] * len(texts)


def test_a_text_without_known_features_gets_an_answer() -> None:
    assert np.isfinite(CLASSIFIER.probabilities(["", "🚀", "\x00"])).all()


def test_the_weights_are_small_and_named_by_their_digest(tmp_path: Path) -> None:
    assert WEIGHTS_FILE.stat().st_size < 5_000_000
    copy = tmp_path / "w.npz"
    copy.write_bytes(WEIGHTS_FILE.read_bytes())
    assert TopicClassifier(copy).digest == CLASSIFIER.digest
    copy.write_bytes(WEIGHTS_FILE.read_bytes() + b"\0")
    assert TopicClassifier(copy).digest != CLASSIFIER.digest


def test_weights_that_are_missing_or_of_another_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        TopicClassifier(tmp_path / "none.npz")
    np.savez(tmp_path / "old.npz", format=np.array(0))
    with pytest.raises(ConfigError, match="not of format 1"):
        TopicClassifier(tmp_path / "old.npz").probabilities(["x"])
    (tmp_path / "torn.npz").write_bytes(WEIGHTS_FILE.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="damaged"):
        TopicClassifier(tmp_path / "torn.npz").probabilities(["x"])


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("ids", None),
        ("ids", np.array([1.5])),
        ("weights", np.ones((1, 1), np.int8)),
        ("format", np.array([1, 2])),
        ("bias", np.array(["x"])),
        ("scale", np.full(len(TOPICS), np.nan)),
        ("temperature", np.array(0.0)),
    ],
)
def test_weights_that_do_not_fit_one_another_are_refused(tmp_path: Path, name: str, array: object) -> None:
    path = tmp_path / "topics.npz"
    with np.load(WEIGHTS_FILE) as file:
        arrays = {**file, name: array}
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    with pytest.raises(ConfigError, match="are not of format"):
        TopicClassifier(path).probabilities(["x"])


def test_an_archive_with_something_else_in_the_place_of_an_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "topics.npz"
    with ZipFile(WEIGHTS_FILE) as given, ZipFile(path, "w") as made:
        for name in given.namelist():
            made.writestr(name, b"no array" if name == "ids.npy" else given.read(name))
    with pytest.raises(ConfigError, match="are not of format"):
        TopicClassifier(path).probabilities(["x"])
