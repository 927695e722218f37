"""Secrets on their way out: whatever is written down passes here last."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from sagetrade_nautilus.secrets import Secret

MASK: Final = "***"
LENGTH_MIN: Final = 6
"""A shorter secret is looked for nowhere: it would be found in every second word."""
SHAPES: Final = (
    re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"),  # a Telegram bot's token
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"),  # user:password of an address
    re.compile(r"(?i)\b(?:secret|token|api_?key|password|signature)=[^\s&\"'\\]{6,}"),
)


class Masker:
    """Takes known secrets, and what looks like one, out of a text.

    Parameters
    ----------
    secrets : iterable of Secret
        The values to look for, also as JSON and addresses write them.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        known = sorted((form for form in forms if len(form) >= LENGTH_MIN), key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def mask_all(self, value: Any) -> Any:
        """Return a value of JSON with every text in it masked."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self.mask(str(name)): self.mask_all(inner) for name, inner in value.items()}
        return [self.mask_all(inner) for inner in value] if isinstance(value, list) else value

    def mask(self, text: str) -> str:
        """Return `text` with `MASK` for every secret in it."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape in SHAPES:
            text = shape.sub(MASK, text)
        return text

    def finds(self, text: str) -> bool:
        """Return whether a known secret stands in `text`."""
        return self._known is not None and self._known.search(text) is not None


def _forms(value: str) -> Iterator[str]:
    """Yield how a value is written: plain, in an address, and within JSON, which may stand in JSON itself."""
    yield value
    yield quote(value, safe="")
    for ascii_only in (True, False):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
