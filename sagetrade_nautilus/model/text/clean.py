"""Make hostile text plain: no markup, nothing hidden, no control characters, bounded in length."""

import html
import re
import unicodedata
from typing import Final

MAX_CHARS: Final = 4_000
MAX_RAW_CHARS: Final = 50_000
_MAX_PASSES: Final = 4

_HIDDEN_TAGS: Final = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "svg",
        "math",
        "head",
        "textarea",
        "select",
    }
)
_VOID_TAGS: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_INLINE_TAGS: Final = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "code",
        "em",
        "font",
        "i",
        "mark",
        "s",
        "small",
        "span",
        "strong",
        "u",
        "wbr",
    }
)
_HIDING_STYLE: Final = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|content-visibility:hidden|color:transparent|clip:rect\(0"
    r"|(?:opacity|font-size|max-height|max-width|line-height):0+(?:\.0+)?(?:[a-z%]*)(?![\d.])"
    r"|(?:left|top|right|text-indent|margin-left|margin-top):-\d{3}|scale\(0(?![\d.])"
)
_HIDDEN_ATTRIBUTE: Final = re.compile(r"""\bhidden\s*(?:=|/|$|\s)|aria-hidden\s*=\s*["']?true""")
# Neither runs past the next "<", so that reading any text takes linear time.
_START: Final = r"<(?:(?P<slash>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)|[!?])"
_TAG: Final = re.compile(_START + r"""(?P<rest>(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+)>""")
_LOOSE_TAG: Final = re.compile(_START + r"(?P<rest>[^<>]*+)>")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_MARKUP: Final = str.maketrans("", "", "<>&\\")
_ESCAPE: Final = re.compile(r"Â?\\xa0|\\x([89a-f][0-9a-f])|\\u([0-9a-f]{4})", re.IGNORECASE)
"""What some feeds write for a character beyond ASCII; 'Â' is the half of a hard space that was read as Latin-1."""


def clean(text: str, max_chars: int = MAX_CHARS) -> str:
    r"""Return the visible text of `text` on one line.

    Character references and written-out escapes ('\xa0') are resolved, tags are dropped together with the
    content of hidden elements, the rest is brought to Unicode NFKC without control, zero-width, bidirectional,
    private-use and unassigned characters, and every run of white space becomes one space.

    Parameters
    ----------
    text : str
        Anything a feed delivers; what stands after `MAX_RAW_CHARS` characters is not looked at.
    max_chars : int
        The longest result, >= 1.

    Returns
    -------
    str
        At most `max_chars` characters; ``clean(clean(text)) == clean(text)``.
    """
    current = text[:MAX_RAW_CHARS]
    for _ in range(_MAX_PASSES):
        cleaned = _plain(_visible(_unescaped(current)), max_chars)
        if cleaned == current:
            return cleaned
        current = cleaned
    return _plain(current.translate(_MARKUP), max_chars)


def _unescaped(text: str) -> str:
    """Resolve escapes of characters beyond ASCII; of ASCII ones none, since that could make markup of plain text."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2] or "a0", 16)
    return chr(code) if code >= 0x80 else found[0]


def _plain(text: str, max_chars: int) -> str:
    if not text.isascii():
        # White space first: a line separator is a space, not one of the characters that vanish.
        spaced = " ".join(unicodedata.normalize("NFKC", text).split())
        kept = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
        text = unicodedata.normalize("NFKC", kept)
        return " ".join(text[:max_chars].split())
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join("".join(char for char in text if char.isprintable()).split())
    return text[:max_chars].rstrip()


def _visible(text: str) -> str:
    """Drop tags and hidden elements, and resolve character references, in time linear in the text's length.

    The standard library's HTML parser is not used: it raises on some malformed declarations, takes
    quadratic time on others, and reads broken markup differently from one patch release to the next.
    """
    if "<" not in text and "&" not in text:
        return text
    pieces: list[str] = []
    hidden: list[str] = []
    position = 0
    while position < len(text):
        opening = text.find("<", position)
        end = len(text) if opening < 0 else opening
        if not hidden:
            pieces.append(text[position:end])
        if opening < 0:
            break
        position = _read_markup(text, opening, pieces, hidden)
    return html.unescape("".join(pieces))


def _read_markup(text: str, opening: int, pieces: list[str], hidden: list[str]) -> int:
    """Read what begins with the ``<`` at `opening`, and return where the text goes on."""
    if text.startswith("<!--", opening):
        closing = text.find("-->", opening + 4)
        return len(text) if closing < 0 else closing + 3
    match = _TAG.match(text, opening) or _LOOSE_TAG.match(text, opening)
    if match is None:
        if not hidden:
            pieces.append("<")
        return opening + 1
    name = (match["name"] or "").lower()
    if match["slash"]:
        if hidden and name == hidden[-1]:
            hidden.pop()
    elif hidden:
        if name == hidden[-1]:
            hidden.append(name)
    elif name not in _VOID_TAGS and (name in _HIDDEN_TAGS or _is_hidden(match["rest"])):
        hidden.append(name)
    if not hidden and name not in _INLINE_TAGS:
        pieces.append(" ")
    return match.end()


def _is_hidden(attributes: str) -> bool:
    """Tell whether a tag's attributes hide its element. Errs towards hiding."""
    squeezed = "".join(attributes.lower().split())
    return _HIDDEN_ATTRIBUTE.search(attributes.lower()) is not None or _HIDING_STYLE.search(squeezed) is not None
