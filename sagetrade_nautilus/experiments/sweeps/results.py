"""Results of a sweep, kept by what they are results of, so that a sweep that was cut short goes on where it was."""

import hashlib
from pathlib import Path

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import ExperimentError, cause

DIGEST_CHARS = 64


class Results:
    """A folder of results.

    Parameters
    ----------
    folder : Path
        Where they are; it is made if it is missing.
    context : str
        What they rest on besides their tasks: the code's version and the data's fingerprint. Results of another context
        are not found.
    """

    def __init__(self, folder: Path, context: str) -> None:
        self._folder = folder
        self._context = context

    def key(self, function: str, task: bytes) -> str:
        """Return what the result of `function` on an encoded task is kept under."""
        digest = hashlib.sha256()
        for part in (self._context.encode(), function.encode(), task):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.hexdigest()

    def get(self, key: str) -> bytes | None:
        """Return the result that is kept under `key`; ``None`` if there is none, or if a crash has spoilt it."""
        try:
            raw = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ExperimentError(f"{self._path(key)}: cannot be read: {cause(error)}") from None
        digest, body = raw[:DIGEST_CHARS], raw[DIGEST_CHARS:]
        return body if digest == hashlib.sha256(body).hexdigest().encode() else None

    def put(self, key: str, raw: bytes) -> None:
        """Keep a result. Half of one is never found."""
        path = self._path(key)
        try:
            durable.put(path, hashlib.sha256(raw).hexdigest().encode() + raw)
        except OSError as error:
            raise ExperimentError(f"{path}: cannot be written: {cause(error)}") from None

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key
