"""What a person asks: which kind of question, about what, over which time, in which language. Pure, by rules alone.

No model reads the question, so nothing in it can be an instruction to one.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from sagetrade_nautilus.bot.advisor.intent import Gist, Intent, intent
from sagetrade_nautilus.bot.advisor.symbols import named, plain_names
from sagetrade_nautilus.bot.advisor.words import Word, is_arabic, tidy, words
from sagetrade_nautilus.bot.words.periods import Period
from sagetrade_nautilus.bot.words.say import Language
from sagetrade_nautilus.bot.words.typed import DIGITS

__all__ = ["Intent", "Question", "understand"]

_TRADE_ID: Final = re.compile(r"(?<![\w-])[A-Za-z]\w*-\d{4,}(?![\w-])")
_LETTER: Final = re.compile(r"[^\W\d_]")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question, understood.

    Parameters
    ----------
    intent : Intent
    language : {'en', 'ar'}
        That it was asked in.
    symbol : str, optional
        The base symbol that it is about ('BTC').
    asked : str
        A name that it mentions and nobody knows, as it was written; '' if there is none.
    side : {'buy', 'sell'}, optional
        Of the deal that a `WHY` is about.
    period : Period
        That a `RESULT`, or what was paid of `COSTS`, is about.
    trade_id : str
        The trade that it names; '' if none.
    """

    intent: Intent
    language: Language
    symbol: str | None = None
    asked: str = ""
    side: str | None = None
    period: Period = Period.TODAY
    trade_id: str = ""


def understand(text: str, known: Iterable[str], language: Language) -> Question:
    """Return what `text` asks.

    Parameters
    ----------
    known : iterable of str
        The base symbols that the node trades.
    language : {'en', 'ar'}
        The person's own, for a text that tells neither ('BTC?').
    """
    bases = tuple(known)
    tidied = tidy(text).translate(DIGITS)
    trade_id = _TRADE_ID.search(tidied)
    rest = _TRADE_ID.sub(" ", tidied)
    said = words(rest, plain_names(bases))
    what = named(rest, said, bases)
    meant = frozenset(concept for word in said for concept in word.concepts)
    kind = intent(Gist(tidied, said, meant, what, names_trade=trade_id is not None))
    return Question(
        intent=kind,
        language=_language(tidied, said, language),
        symbol=what.symbol,
        asked="" if what.symbol else what.asked,
        side=_side(meant) if kind is Intent.WHY else None,
        period=_period(meant),
        trade_id=trade_id.group() if trade_id else "",
    )


def _side(meant: frozenset[str]) -> str | None:
    bought, sold = bool(meant & {"buy", "bought", "open"}), bool(meant & {"sell", "sold"})
    return None if bought == sold else "buy" if bought else "sell"


def _period(meant: frozenset[str]) -> Period:
    order = (("yesterday", Period.YESTERDAY), ("week", Period.WEEK), ("month", Period.MONTH), ("today", Period.TODAY))
    return next((period for concept, period in order if concept in meant), Period.TODAY)


def _language(tidied: str, said: Sequence[Word], own: Language) -> Language:
    if is_arabic(tidied):
        return "ar"
    told = any(word.concepts for word in said) or len(_LETTER.findall(tidied)) > 12
    return "en" if told else own
