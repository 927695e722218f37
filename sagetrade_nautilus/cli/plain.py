"""Text that others wrote, on its way to a terminal."""

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_ASCII_LOOK = str.maketrans({"−": "-", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


def plain(text: str, encoding: str = "utf-8") -> str:
    """Return `text` without anything that moves the cursor, hides or reorders what is shown, on one line.

    Signs that a terminal of `encoding` cannot show become their ASCII look, other characters question marks.
    """
    visible = "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in text)
    line = " ".join(visible.split())
    if encoding.lower().startswith("utf"):
        return line
    return line.translate(_ASCII_LOOK).encode(encoding, errors="replace").decode(encoding)
