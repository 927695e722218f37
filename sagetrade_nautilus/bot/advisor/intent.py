"""Which kind of question it is: rules over the concepts of its words, of which the first that holds decides."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from sagetrade_nautilus.bot.advisor.symbols import Named
from sagetrade_nautilus.bot.advisor.vocabulary import IMPERATIVES, OVERRIDES, POLITE, WISHES
from sagetrade_nautilus.bot.advisor.words import Word
from sagetrade_nautilus.model.text.folding import fold

QUESTION_MARKS: Final = ("?", "؟")
WHAT: Final = "ما"
"""'Not', or, where a sentence begins with it, 'what'."""


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


class Gist(NamedTuple):
    """What a question holds: its text, its words and their concepts, what it names, and whether it names a trade."""

    tidied: str
    said: Sequence[Word]
    meant: frozenset[str]
    what: Named
    names_trade: bool

    @property
    def plain(self) -> list[str]:
        """Its words as they are compared."""
        return [word.plain for word in self.said]

    @property
    def names_one(self) -> bool:
        """Whether it names an instrument."""
        return self.what.symbol is not None

    def has(self, *concepts: str) -> bool:
        """Return whether any of `concepts` is meant."""
        return not self.meant.isdisjoint(concepts)

    @property
    def denies(self) -> bool:
        """Whether it says 'not'."""
        return any("not" in word.concepts and (number or word.plain != WHAT) for number, word in enumerate(self.said))

    @property
    def is_timed(self) -> bool:
        """Whether it names a day, a week or a month."""
        return self.has("today", "yesterday", "week", "month")

    @property
    def is_of_market(self) -> bool:
        """Whether it is about the market or a deal rather than the account."""
        return self.has("market", "news", "signal", "buy", "sell")


def intent(gist: Gist) -> Intent:
    """Return what kind of question it is."""
    if _overrides(gist) or _commands(gist):
        return Intent.COMMAND
    if not gist.meant and not gist.names_one:
        return Intent.UNKNOWN
    return next((kind for kind, holds in RULES if holds(gist)), Intent.UNKNOWN)


def _why(gist: Gist) -> bool:
    return gist.names_trade or (
        gist.has("why") and gist.has("buy", "sell", "trade", "bought", "sold", "position", "open")
    )


def _how_it_goes(gist: Gist) -> bool:
    asks = gist.has("how") and (gist.is_timed or gist.has("doing"))
    return asks and not (gist.is_of_market or gist.has("open") or gist.names_one)


def _how_many_trades(gist: Gist) -> bool:
    return gist.has("trade") and gist.is_timed and not gist.has("buy", "sell", "whether", "open")


def _open_positions(gist: Gist) -> bool:
    """Tell 'what are my open trades' from 'should I open a trade'."""
    whether = gist.has("whether") and not {"i", "we"}.isdisjoint(gist.plain)
    return gist.has("open") and gist.has("trade", "position") and not (gist.has("buy") or whether)


RULES: Final[tuple[tuple[Intent, Callable[[Gist], bool]], ...]] = (
    (Intent.IDLE, lambda gist: (gist.has("why") and gist.denies) or gist.has("stopped", "failed")),
    (Intent.WHY, _why),
    (Intent.FORECAST, lambda gist: gist.has("forecast") and not gist.has("bought", "sold")),
    (Intent.COSTS, lambda gist: gist.has("cost")),
    (Intent.RISK, lambda gist: gist.has("risk") or (gist.has("loss") and gist.has("might"))),
    (Intent.RESULT, lambda gist: gist.has("result", "loss") and not gist.is_of_market),
    (Intent.RESULT, _how_it_goes),
    (Intent.NEWS, lambda gist: gist.has("news")),
    (Intent.RESULT, _how_many_trades),
    (Intent.POSITIONS, _open_positions),
    (Intent.EXIT, lambda gist: gist.has("sell") and (gist.has("position") or not gist.has("buy"))),
    (Intent.ENTER, lambda gist: gist.has("buy", "open")),
    (Intent.SIGNALS, lambda gist: gist.has("signal")),
    (Intent.POSITIONS, lambda gist: gist.has("position", "bought", "sold")),
    (Intent.MARKET, lambda gist: gist.has("market")),
    (Intent.ENTER, lambda gist: gist.has("whether") and (gist.has("trade") or gist.names_one)),
    (Intent.RESULT, lambda gist: gist.is_timed and not gist.names_one),
    (Intent.SIGNALS, lambda gist: gist.names_one),
    (Intent.HELP, lambda gist: gist.has("help") or (gist.has("how") and not gist.what.asked)),
)


def _overrides(gist: Gist) -> bool:
    folded = fold(gist.tidied).lower()
    return any(phrase in folded for phrase in OVERRIDES)


def _commands(gist: Gist) -> bool:
    """Tell whether it gives an order: it begins with one and asks nothing, asks the bot to act, or wishes it to."""
    if gist.has("why"):
        return False
    plain = gist.plain
    line = " ".join(plain)
    first = next((word for word in plain if word not in POLITE), "")
    asks = gist.tidied.rstrip().endswith(QUESTION_MARKS) or plain[:1] == ["هل"]
    begs = gist.has("you_do") or any(f"{ask} you {verb}" in line for ask in ("can", "could") for verb in IMPERATIVES)
    orders = first in IMPERATIVES and not asks and len(plain) > 1
    return begs or orders or (len(plain) > 1 and line.startswith(WISHES))
