"""Texts through a neural network: tokens in batches, and the session that computes them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nlp.bert_graph import INPUTS, build_graph
from sagetrade_nautilus.nlp.model_files import VOCABULARIES, find_weights, need, read_json

Batch = tuple[list[int], dict[str, NDArray[np.int64]]]
"""Which texts, and the inputs of the network for them."""

_CHARS_PER_TOKEN: Final = 16


class OnnxNetwork:
    """A tokenizer and an ONNX session.

    Parameters
    ----------
    folder : Path
        The model's files.
    max_tokens : int
        Tokens of a text that are read, [CLS] and [SEP] among them.
    batch_size : int
        Texts that are computed at once. They are sorted by length, so that little is padded.

    Raises
    ------
    ConfigError
        A file or a package is missing.
    """

    def __init__(self, folder: Path, max_tokens: int, batch_size: int) -> None:
        self._batch_size = batch_size
        self._tokenizer = _tokenizer(folder)
        self._max_tokens = max_tokens
        self._max_chars = max_tokens * _CHARS_PER_TOKEN
        self._session = open_session(folder)
        self._inputs = {node.name for node in self._session.get_inputs()}

    def run(self, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.float32], NDArray[np.int64]]]:
        """Yield, batch by batch, which texts they are, the network's first output, and the attention mask."""
        for which, inputs in self.batches(texts):
            given = {name: array for name, array in inputs.items() if name in self._inputs}
            yield which, self._session.run(None, given)[0], inputs["attention_mask"]

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        """Yield the texts' tokens, short texts first; equal lengths keep their order."""
        read = [text[: self._max_chars] for text in texts]
        encoded = self._tokenizer(read, truncation=True, max_length=self._max_tokens)["input_ids"] if read else []
        order = sorted(range(len(texts)), key=lambda at: len(encoded[at]))
        for first in range(0, len(order), self._batch_size):
            which = order[first : first + self._batch_size]
            ids = np.zeros((len(which), max(len(encoded[at]) for at in which)), np.int64)
            mask = np.zeros_like(ids)
            for row, at in enumerate(which):
                ids[row, : len(encoded[at])] = encoded[at]
                mask[row, : len(encoded[at])] = 1
            yield which, dict(zip(INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))


def _tokenizer(folder: Path) -> Any:
    transformers = need("transformers")
    if not any((folder / name).is_file() for name in VOCABULARIES):  # it would make up an empty one
        raise ConfigError(f"text model {folder} has neither tokenizer.json nor vocab.txt; copy one beside config.json")
    try:
        return transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # noqa: BLE001 - the library raises many kinds
        raise ConfigError(
            f"text model {folder}: no tokenizer can be read there ({type(error).__name__}: {error})"
        ) from None


def _graph(folder: Path, weights: Path) -> bytes:
    library, settings = need("safetensors.numpy"), read_json(folder, "config.json")
    need("onnx")
    try:
        return build_graph(settings, library.load_file(str(weights)))
    except ConfigError as error:
        raise ConfigError(f"text model {weights}: {error}") from None
    except Exception as error:  # noqa: BLE001 - neither library's exceptions share a base
        raise ConfigError(f"text model {weights} and its config.json make no network: {error!r}") from None


def open_session(folder: Path) -> Any:
    """Return the network in `folder` as onnxruntime runs it."""
    runtime = need("onnxruntime")
    weights = find_weights(folder)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # the sums keep one order, so one answer
    options.log_severity_level = 3
    model: Any = str(weights)
    if weights.suffix == ".safetensors":
        model = _graph(folder, weights)
    try:
        return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - the runtime's own exceptions share no base
        raise ConfigError(f"text model {weights} cannot be loaded by onnxruntime: {error}") from None
