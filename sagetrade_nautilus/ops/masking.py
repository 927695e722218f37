"""Secrets on their way out: whatever is written down passes here last."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, Final

from sagetrade_nautilus.secrets import Secret

MASK: Final = "***"
LENGTH_MIN: Final = 6
"""A shorter secret is looked for nowhere: it would be found in every second word."""
_NAME: Final = r"(?:secret|token|api[_-]?key|password|signature)"
_VALUE: Final = r"(?!-?[\d.,]+(?![^\s&\"'\\,)}\]]))[^\s&\"'\\,)}\]]{6,}"
SHAPES: Final = (
    re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"),  # a Telegram bot's token
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(?<=authorization: basic )[A-Za-z0-9+/=_-]{4,}"),
    re.compile(r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"),  # user:password of an address
    re.compile(rf"(?i){_NAME}=\\*[\"']?{_VALUE}"),  # of an address, or of an object that shows itself
    re.compile(rf"(?i){_NAME}\\*[\"']: *\\*[\"'][^\"'\\]{{6,}}"),  # of JSON or of a dict, in a text too
    re.compile(rf"(?i)(?<![a-z])(?:apca-|x-)?api-(?:secret-)?key(?:-id)?: *{_VALUE}"),  # a header
)
_NAMED: Final = re.compile(rf"(?i){_NAME}$")


class Masker:
    """Takes known secrets, and what looks like one, out of a text.

    Parameters
    ----------
    secrets : iterable of Secret
        The values to look for: also as addresses, JSON, HTML and Python's `repr` write them, in base64 and in hex.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        known = sorted({value for secret in secrets if len(value := secret.reveal()) >= LENGTH_MIN}, key=_longest)
        shapes = [shape for value in known for shape in (_written(value), *_encoded(value))]
        self._known = re.compile("|".join(shapes)) if shapes else None

    def mask_all(self, value: Any) -> Any:
        """Return a value of JSON with every text in it masked, and whole what a secret's name stands before."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self.mask(str(name)): self._member(str(name), inner) for name, inner in value.items()}
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

    def _member(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and len(value) >= LENGTH_MIN and _NAMED.search(name):
            return MASK
        return self.mask_all(value)


def _longest(value: str) -> tuple[int, str]:
    return -len(value), value


def _written(value: str) -> str:
    """Return a pattern of a value, letter by letter, since each program escapes others of them."""
    return "".join(letter if letter.isascii() and letter.isalnum() else _letter(letter) for letter in value)


def _letter(letter: str) -> str:
    raw = letter.encode("utf-8", "surrogatepass")
    ways = [re.escape(letter), "".join(f"%(?i:{byte:02x})" for byte in raw)]
    ways += [re.escape(escape(letter)), f"&#(?:{ord(letter)}|x(?i:0*{ord(letter):x}));"]
    if letter == " ":
        ways.append(r"\+")
    if letter.isascii() and letter.isprintable():
        ways.insert(0, r"\\+" + re.escape(letter) if letter != "\\" else r"\\+")
    else:
        ways += [r"\\+" + f"(?i:{shown})" for shown in _numbered(letter)]
        ways.append("".join(r"\\+" + f"(?i:x{byte:02x})" for byte in raw))
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _numbered(letter: str) -> Iterator[str]:
    """Yield how JSON and Python write a letter that they do not show, without the backslash."""
    yield re.escape(repr(letter)[1:-1].removeprefix("\\"))
    yield re.escape(json.dumps(letter)[1:-1].removeprefix("\\"))
    units = letter.encode("utf-16-be", "surrogatepass")
    yield r"\\+".join(f"u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    yield f"x{ord(letter):02x}"
    yield f"U{ord(letter):08x}"


def _encoded(value: str) -> Iterator[str]:
    """Yield patterns of a value in hex and in base64, whatever stands before and after it there."""
    raw = value.encode("utf-8", "surrogatepass")
    yield f"(?i:{raw.hex()})"
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode()
        inner = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield (
            "".join({"+": "[+-]", "/": "[/_]"}.get(letter, letter) for letter in inner) + "(?:[A-Za-z0-9+/_-]?={1,2})?"
        )
