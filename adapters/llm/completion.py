"""What is asked of a language model and what it answers, and a folder that keeps both so that a run can be repeated."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import LlmError, cause


class Usage(msgspec.Struct, frozen=True):
    """What one answer cost, in tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Completion(msgspec.Struct, frozen=True):
    """One answer."""

    text: str
    usage: Usage = Usage()


class CompletionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question: everything that the answer depends on, and no key."""

    model: str
    system: str
    user: str
    response_schema: dict[str, Any] | None
    max_tokens: int
    temperature: float

    @property
    def digest(self) -> str:
        return sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


class Exchange(msgspec.Struct, frozen=True):
    """A question and its answer, as they are kept."""

    asked: CompletionRequest
    completion: Completion


class Kept:
    """Questions and answers in a folder, a file each. What was asked before is answered from there.

    Parameters
    ----------
    folder : Path
        It is made by the first answer.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, asked: CompletionRequest) -> Completion | None:
        """Return the answer that is kept, ``None`` if there is none.

        Raises
        ------
        LlmError
            What is kept there is damaged.
        """
        path = self._path(asked)
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=Exchange)
        except FileNotFoundError:
            return None
        except (OSError, *UNDECODABLE) as error:
            raise LlmError(f"{path}: the kept answer cannot be read: {error}; take it away to ask anew") from None
        return kept.completion

    def keep(self, asked: CompletionRequest, completion: Completion) -> None:
        """Keep an answer, whole or not at all."""
        path = self._path(asked)
        raw = msgspec.json.format(msgspec.json.encode(Exchange(asked, completion)), indent=2)
        try:
            durable.put(path, raw)
        except OSError as error:
            raise LlmError(f"{path}: the answer cannot be kept: {cause(error)}") from None

    def _path(self, asked: CompletionRequest) -> Path:
        return self._folder / f"{asked.digest}.json"
