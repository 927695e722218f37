"""A small language detector: English, Arabic or undetermined, by script and stop words."""

import re
from typing import Final, Literal

Language = Literal["en", "ar", "und"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN_LAST: Final = "\u024f"
_ARABIC_FIRST: Final = "\u0600"
_ARABIC_LAST: Final = "\u06ff"
_MAX_WORDS: Final = 60

# Letters that Persian, Urdu, Pashto and Kurdish write and Arabic does not.
_NOT_ARABIC: Final = frozenset("پچژگکیےٹڈڑںھہۆێڕڵټډړښ")

_ENGLISH: Final = frozenset(
    str.split("""
    the of and to in is are was were for on with as by at from that this it its be been has have had
    will would could should may can not or but if than then into over after before amid about says
    said how why what when who which their his her our your they we you i he she more most new up
    down out against under s
    """)
)
# Common words of other languages in Latin script; none of them is an English word of financial news.
_FOREIGN: Final = frozenset(
    str.split("""
    una unos del por para con que como pero más sus este esta entre sobre desde hasta muy también
    según le les des du et est une dans sur avec pas qui sont aux ce cette ses mais leur été par der
    das und ist ein eine nicht mit von dem auf für sich auch als nach wie bei oder wird sind zum zur
    über os uma não mais foi ao pelo pela são nas seu sua il gli della di che è sono nel alla delle
    anche questo het een niet voor zijn aan ook naar bij ve bir bu için ile çok daha olarak yang
    dengan untuk dari ini itu tidak akan pada dalam nie się jest dla przez jak och att det som inte
    til på af og
    """)
)


def detect(text: str) -> Language:
    """Return the language of cleaned `text`.

    Latin script without a majority of other languages' stop words counts as English, since headlines often
    have no stop word at all. Text without letters is undetermined.
    """
    words = _WORD.findall(text.lower())[:_MAX_WORDS]
    letters = "".join(words)
    latin = len(letters) if letters.isascii() else sum(char <= _LATIN_LAST for char in letters)
    if 2 * latin <= len(letters):
        arabic = sum(_ARABIC_FIRST <= char <= _ARABIC_LAST for char in letters)
        return "ar" if 2 * arabic > len(letters) and _NOT_ARABIC.isdisjoint(letters) else "und"
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    return "en" if foreign <= english else "und"
