"""Which instrument is meant: by ticker, pair or name, in English or Arabic, misspelt or not."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from sagetrade_nautilus.bot.advisor.vocabulary import ABOUT
from sagetrade_nautilus.bot.advisor.words import FORGIVEN_WORDS_MAX, Word, forms, likely
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.entity_table import COINS, MARKET
from sagetrade_nautilus.model.text.folding import fold

NAME_LIKENESS: Final = 0.84
NAME_CHARS_MAX: Final = 24
COIN_SYMBOLS: Final = frozenset(coin.symbol for coin in COINS)
_NAMES: Final = {fold(name): coin.symbol for coin in COINS for name in coin.names if " " not in name}


class Named(NamedTuple):
    """What a question is about: the base symbol ('BTC'), and the words that name it as they were written.

    A name that nobody knows has no symbol.
    """

    symbol: str | None
    asked: str


FILLER: Final = frozenset({"filler"})
OF_NAMES: Final = frozenset({"buy", "sell", "news", "market", "signal", "forecast", "open"})
NOTHING: Final = Named(None, "")


@lru_cache(maxsize=1_024)
def base(instrument_id: str) -> str:
    """Return what an instrument is one of: 'BTC' for 'BTCUSDT.BINANCE' and 'BTC/USD.ALPACA', 'SPY' for 'SPY.ALPACA'."""
    symbol = instrument_id.rpartition(".")[0] or instrument_id
    found = [name for name in link(f"${symbol}") + link(f"crypto {symbol}") if name != MARKET]
    return found[0] if found else symbol


def named(tidied: str, said: Sequence[Word], known: Iterable[str]) -> Named:
    """Return what a question names.

    Parameters
    ----------
    tidied : str
        The question, as `words.tidy` returns it.
    said : sequence of Word
        Its words.
    known : iterable of str
        The base symbols that the node trades; of several that are named, the first of these is meant.
    """
    bases = tuple(known)
    linked = [symbol for symbol in link(tidied, bases) if symbol != MARKET]
    strange = [word for word in said if not word.concepts]
    forgives = len(said) <= FORGIVEN_WORDS_MAX
    linked += [symbol for word in strange if (symbol := _symbol(word, bases, forgives)) is not None]
    if linked:
        symbol = next((symbol for symbol in linked if symbol in bases), linked[0])
        return Named(symbol, symbol)
    unknown = [word.raw for word in _names(said) if not word.raw.isdigit() and link(word.raw) != (MARKET,)]
    return Named(None, max(unknown, key=len).lstrip("$")[:NAME_CHARS_MAX]) if unknown else NOTHING


def plain_names(known: Iterable[str]) -> frozenset[str]:
    """Return the single words that name an instrument, so that they are taken for no other word misspelt."""
    return frozenset(_NAMES) | {symbol.lower() for symbol in (*COIN_SYMBOLS, *known)}


def _names(said: Sequence[Word]) -> Iterable[Word]:
    """Yield the unknown words that stand where a name would: written as one, or right after what is asked about it."""
    asks = False
    for number, word in enumerate(said):
        if not word.concepts:
            if asks or word.raw.startswith("$") or (number and word.raw[0].isupper()):
                yield word
            asks = False
        elif word.concepts != FILLER or word.plain in ABOUT:
            asks = bool(word.concepts & OF_NAMES) or word.plain in ABOUT


def _symbol(word: Word, bases: tuple[str, ...], forgives: bool) -> str | None:
    """Return what one word names that no concept explains."""
    upper = word.plain.lstrip("$").upper()
    for candidate in (upper, base(upper)):
        if candidate in bases or candidate in COIN_SYMBOLS:
            return candidate
    for form in forms(word.plain):
        if form in _NAMES:
            return _NAMES[form]
    for form in forms(word.plain) if forgives else ():
        near = likely(form, _NAMES, NAME_LIKENESS)
        if near:
            return _NAMES[near]
    return None
