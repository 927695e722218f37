"""Which coins, shares and markets a text is about."""

import re
from collections.abc import Iterable
from typing import Final

from sagetrade_nautilus.model.text.entity_table import (
    COINS,
    CRYPTO_CONTEXT,
    DOUBTFUL_NAMES,
    EXCHANGE_NAMES,
    MACRO_NAMES,
    MARKET,
    MARKET_NAMES,
    NOT_CASHTAGS,
    REGULATION_NAMES,
    WORD_TICKERS,
)
from sagetrade_nautilus.model.text.folding import fold

_TOKEN: Final = re.compile(r"(\$?)([^\W_]+)")
_PAIR: Final = re.compile(r"^([A-Z]{2,6})(?:USDT|USDC|BUSD|USD|EUR|PERP)$")
_QUOTE: Final = re.compile(r"(?<=[A-Za-z])[/\-_](?:USDT?|USDC|BUSD|EUR|GBP|JPY|BTC|ETH)(?![A-Za-z0-9])")
_ARABIC_PREFIX: Final = re.compile("^[وف]?(?:لل|[بكل]?ال|[بلك])?(?=.{3})")
_CASHTAG: Final = re.compile(r"^[A-Za-z]{1,5}$")
_MAX_WORDS: Final = 3
_REGULATION: Final = "\0regulation"

_CASHTAGS: Final = {
    ticker.upper(): coin.symbol
    for coin in COINS
    for ticker in [coin.symbol, *coin.tickers.split(), *coin.capitals.split()]
}
_SYMBOLS: Final = frozenset(coin.symbol for coin in COINS)
_CAPITALS: Final = {ticker: coin.symbol for coin in COINS for ticker in coin.capitals.split()}
_NAMES: Final = {
    **dict.fromkeys(map(fold, (*MARKET_NAMES, *MACRO_NAMES)), MARKET),
    **dict.fromkeys(map(fold, REGULATION_NAMES), _REGULATION),
    **{fold(name): coin.symbol for coin in COINS for name in (*coin.tickers.split(), *coin.names)},
}
_OPENINGS: Final = frozenset(name.partition(" ")[0] for name in _NAMES)
_ASCII: Final = "\x7f"


def link(text: str, tickers: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the canonical symbols of what `text` is about, sorted.

    Names and unambiguous symbols count in any case, ambiguous ones ('SOL', 'NEAR', 'ONE') after ``$`` or in
    capitals within a text that is not all capitals. The longest name wins: 'Bitcoin Cash' is no mention of
    bitcoin. Words of the whole market, and of the economy that moves it, give 'CRYPTO'; regulators do so
    beside a word of crypto.

    Parameters
    ----------
    text : str
        Cleaned text; look-alike letters are folded here.
    tickers : iterable of str
        Shares to recognise in capitals too. Any ``$TICKER`` of at most five letters counts without being
        listed.
    """
    folded = _QUOTE.sub("", fold(text))
    tokens = _TOKEN.findall(folded)
    words = [word.lower() for _, word in tokens]
    shouting = folded.isupper()
    found: set[str] = set()
    doubtful: set[str] = set()
    known = frozenset(tickers)
    after = 0
    for position, (sign, token) in enumerate(tokens):
        if position < after:
            continue
        word = words[position]
        symbol, length = _longest_name(words, position) if word in _OPENINGS or word[0] > _ASCII else (None, 1)
        if sign:
            symbol, length = _cashtag(token), 1
        elif symbol is None and not shouting and token != word:
            symbol = _capitals(token, known, words[position - 1] if position else "")
            if token in DOUBTFUL_NAMES:
                doubtful.add(DOUBTFUL_NAMES[token])
        if symbol:
            found.add(symbol)
        after = position + length
    return _settle(found, doubtful, not CRYPTO_CONTEXT.isdisjoint(words))


def canonical(entity: str) -> str | None:
    """Return the symbol that `entity` ('BTC', 'bitcoin', '$BTC', 'بيتكوين') stands for, or ``None``."""
    symbol = fold(entity).strip().lstrip("$#").upper()
    if symbol in _CASHTAGS or symbol == MARKET:
        return _CASHTAGS.get(symbol, MARKET)
    named = _NAMES.get(" ".join(symbol.lower().split())) or DOUBTFUL_NAMES.get(symbol.capitalize())
    if named and named != _REGULATION:
        return named
    return symbol if _CASHTAG.match(symbol) else None


def _longest_name(words: list[str], position: int) -> tuple[str | None, int]:
    for length in range(min(_MAX_WORDS, len(words) - position), 0, -1):
        name = " ".join(words[position : position + length])
        symbol = _NAMES.get(name)
        if symbol is None and name[0] > "\u05ff":
            symbol = _NAMES.get(_ARABIC_PREFIX.sub("", name))
        if symbol is not None:
            return symbol, length
    return None, 1


def _cashtag(word: str) -> str | None:
    symbol = word.upper()
    if symbol in _CASHTAGS:
        return _CASHTAGS[symbol]
    return symbol if _CASHTAG.match(word) and symbol not in NOT_CASHTAGS else None


def _capitals(word: str, tickers: frozenset[str], previous: str) -> str | None:
    if not word.isupper():
        return None
    if word in _CAPITALS:
        return _CAPITALS[word]
    if word in tickers and (previous in EXCHANGE_NAMES or word not in WORD_TICKERS):
        return word
    pair = _PAIR.match(word)
    return _CASHTAGS.get(pair[1]) if pair else None


def _settle(found: set[str], doubtful: set[str], context: bool) -> tuple[str, ...]:
    """Keep what is doubtful only where the rest of the text is about crypto."""
    regulation = _REGULATION in found
    found.discard(_REGULATION)
    if context or not found.isdisjoint(_SYMBOLS):
        found |= doubtful
        if regulation:
            found.add(MARKET)
    return tuple(sorted(found))
