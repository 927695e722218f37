"""What an Arabic keyboard writes in the place of digits, commas and hyphens, and those that commands are read by."""

from typing import Final

DIGITS: Final = str.maketrans(
    {
        **{chr(0x0660 + n): str(n) for n in range(10)},
        **{chr(0x06F0 + n): str(n) for n in range(10)},
        "٫": ".",
        "٬": ",",
        "٪": "%",
        **dict.fromkeys("−–—‐‑‒﹣－", "-"),
        **dict.fromkeys("\u2066\u2067\u2068\u2069\u200e\u200f\u061c", ""),
    }
)
"""Digits with the signs that stand at them; marks of direction are left out."""


def typed(argument: str) -> str:
    """Return what stood behind a command, with Western digits, commas and hyphens: '٠٨:٣٠' is '08:30'."""
    return argument.translate(DIGITS).replace("،", ",").strip()
