"""What a person asks: which kind of question, about what, over which time, in which language. Pure, by rules alone.

No model reads the question, so nothing in it can be an instruction to one.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from sagetrade_nautilus.bot.advisor.symbols import Named, named, plain_names
from sagetrade_nautilus.bot.advisor.vocabulary import IMPERATIVES, OVERRIDES, POLITE
from sagetrade_nautilus.bot.advisor.words import Word, is_arabic, tidy, words
from sagetrade_nautilus.bot.periods import Period
from sagetrade_nautilus.bot.say import Language
from sagetrade_nautilus.model.text.folding import fold

_TRADE_ID: Final = re.compile(r"(?<![\w-])[A-Za-z]\w*-\d{4,}(?![\w-])")
_LETTER: Final = re.compile(r"[^\W\d_]")
_ASKS: Final = ("?", "؟")


class Intent(StrEnum):
    """The kinds of questions. `COMMAND` is none, but an attempt to give an order, which nothing here can carry out."""

    ENTER = "enter"
    EXIT = "exit"
    WHY = "why"
    IDLE = "idle"
    RISK = "risk"
    RESULT = "result"
    POSITIONS = "positions"
    MARKET = "market"
    NEWS = "news"
    SIGNALS = "signals"
    COSTS = "costs"
    FORECAST = "forecast"
    COMMAND = "command"
    HELP = "help"
    UNKNOWN = "unknown"


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
        That a `RESULT` is about.
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
    tidied = tidy(text)
    trade_id = _TRADE_ID.search(tidied)
    said = words(_TRADE_ID.sub(" ", tidied), plain_names(bases))
    meant = frozenset(concept for word in said for concept in word.concepts)
    what = named(_TRADE_ID.sub(" ", tidied), said, bases)
    intent = _intent(tidied, said, meant, what, trade_id is not None)
    return Question(
        intent=intent,
        language=_language(tidied, said, language),
        symbol=what.symbol,
        asked="" if what.symbol else what.asked,
        side=_side(meant) if intent is Intent.WHY else None,
        period=_period(meant),
        trade_id=trade_id.group() if trade_id else "",
    )


def _intent(tidied: str, said: Sequence[Word], meant: frozenset[str], what: Named, names_trade: bool) -> Intent:
    folded = fold(tidied).lower()
    if any(phrase in folded for phrase in OVERRIDES) or _is_command(tidied, said, meant):
        return Intent.COMMAND
    if (said and not meant and what.symbol is None) or not said:
        return Intent.UNKNOWN
    for intent, holds in _rules(meant, said, what, names_trade):
        if holds:
            return intent
    return Intent.UNKNOWN


def _rules(
    meant: frozenset[str], said: Sequence[Word], what: Named, names_trade: bool
) -> Iterable[tuple[Intent, bool]]:
    """Yield each kind of question with whether the concepts make it one; the first that holds is meant."""
    deals = bool(meant & {"bought", "sold"})
    acts = bool(meant & {"buy", "sell", "trade", "bought", "sold"})
    negated = any("not" in word.concepts and (number or word.plain != "ما") for number, word in enumerate(said))
    timed = bool(meant & {"today", "yesterday", "week", "month"})
    yield Intent.IDLE, ("why" in meant and negated) or bool(meant & {"stopped", "failed"})
    yield Intent.WHY, names_trade or ("why" in meant and (acts or bool(meant & {"position", "open"})))
    yield Intent.FORECAST, "forecast" in meant and not deals
    yield Intent.COSTS, "cost" in meant
    yield Intent.RISK, "risk" in meant or {"loss", "might"} <= meant
    other = bool(meant & {"market", "news", "signal", "buy", "sell"})
    yield Intent.RESULT, bool(meant & {"result", "loss"}) and not other
    yield (
        Intent.RESULT,
        "how" in meant and (timed or "doing" in meant) and not (other or "open" in meant or what.symbol),
    )
    yield Intent.NEWS, "news" in meant
    yield Intent.RESULT, "trade" in meant and timed and not meant & {"buy", "sell", "whether", "open"}
    yield (
        Intent.POSITIONS,
        "open" in meant
        and "buy" not in meant
        and bool(meant & {"trade", "position"})
        and not ("whether" in meant and bool({"i", "we"} & {word.plain for word in said})),
    )
    yield Intent.EXIT, "sell" in meant and not ("buy" in meant and "position" not in meant)
    yield Intent.ENTER, bool(meant & {"buy", "open"})
    yield Intent.SIGNALS, "signal" in meant
    yield Intent.POSITIONS, "position" in meant or deals
    yield Intent.MARKET, "market" in meant
    yield Intent.ENTER, "whether" in meant and ("trade" in meant or what.symbol is not None)
    yield Intent.RESULT, timed and not what.symbol
    yield Intent.SIGNALS, what.symbol is not None
    yield Intent.HELP, "help" in meant or ("how" in meant and not what.asked)


def _is_command(tidied: str, said: Sequence[Word], meant: frozenset[str]) -> bool:
    """Tell whether the sentence gives an order: it begins with one and asks nothing, or asks the bot to act."""
    if "why" in meant:
        return False
    plain = [word.plain for word in said]
    if "you_do" in meant or any(f"{ask} you {verb}" in " ".join(plain) for ask in _BEG for verb in IMPERATIVES):
        return True
    first = next((word for word in plain if word not in POLITE), "")
    asks = tidied.rstrip().endswith(_ASKS) or (bool(plain) and plain[0] in {"هل"})
    wish = len(said) > 1 and " ".join(plain).startswith(_WISHES)
    return (first in IMPERATIVES and not asks and len(plain) > 1) or wish


_BEG: Final = ("can", "could")
_WISHES: Final = ("i want you to", "you must", "you should now", "اريدك ان", "ابيك ت", "بدي ياك ت", "عايزك ت")


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
