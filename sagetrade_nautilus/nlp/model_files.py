"""Where a neural model's files are: a folder, or a pinned revision on the Hugging Face hub."""

import hashlib
import json
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sagetrade_nautilus.config import TransformersConfig
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError

VOCABULARIES: Final = ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model")
WANTED: Final = (*VOCABULARIES, "config.json", "merges.txt", "tokenizer_config.json", "*.onnx", "model.safetensors")
_WEIGHTS: Final = ("model.onnx", "onnx/model.onnx", "model.safetensors")
_COMMIT: Final = re.compile("[0-9a-f]{40}")  # a branch or a tag could be moved under a run
_PACKAGE: Final = {"huggingface_hub": "huggingface-hub"}


def need(module: str, extra: str = "transformers") -> ModuleType:
    """Import a package of an extra.

    Raises
    ------
    ConfigError
        It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        name = _PACKAGE.get(module, module)
        raise ConfigError(
            f"the neural text model needs {name} ({error}); install it with `pip install 'sagetrade-nautilus[{extra}]'`"
        ) from None


def find_folder(config: TransformersConfig) -> Path:
    """Return the folder with the model's files, downloading a hub model that is not in the cache.

    Raises
    ------
    ConfigError
        It cannot be had; the message says what to put where.
    """
    if Path(config.model).is_dir():
        return Path(config.model)
    if not _COMMIT.fullmatch(config.revision):
        raise ConfigError(
            f"text.transformers.model {config.model!r} is no folder here, and a hub model needs "
            "text.transformers.revision: the commit's full hash, from the model page's list of files"
        )
    hub = need("huggingface_hub")
    where = {"revision": config.revision, "cache_dir": config.cache_dir or None, "allow_patterns": list(WANTED)}
    try:
        return Path(hub.snapshot_download(config.model, **where))
    except Exception as error:  # noqa: BLE001 - the hub's client raises many kinds
        raise ConfigError(
            f"text model {config.model!r} at {config.revision!r} could not be fetched ({type(error).__name__}). "
            "Without a network, put its config.json, tokenizer.json (or vocab.txt) and model.safetensors or "
            "model.onnx into a folder and name that folder in text.transformers.model"
        ) from None


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Return what a JSON file of the model says.

    Raises
    ------
    ConfigError
        It is missing or is no JSON object.
    """
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, *UNDECODABLE) as error:
        raise ConfigError(f"text model {folder}: {name} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"text model {folder}: {name} holds no object")
    return content


def find_weights(folder: Path) -> Path:
    """Return the file with the model's weights.

    Raises
    ------
    ConfigError
        None of those that can be read is there.
    """
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise ConfigError(
        f"text model {folder} has none of {', '.join(_WEIGHTS)}; a pytorch_model.bin must be converted first, as with "
        "`optimum-cli export onnx --model NAME FOLDER`, or read with text.transformers.backend = 'torch'"
    )


def digest_of(folder: Path) -> str:
    """Return the first 8 hex digits of the SHA-256 of the model's weights.

    Raises
    ------
    ConfigError
        There are none.
    """
    with find_weights(folder).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]
