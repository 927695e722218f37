import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.entities import canonical, link
from sagetrade_nautilus.model.text.entity_table import COINS
from sagetrade_nautilus.model.text.folding import fold

PUNCTUATION = st.text(alphabet=".,;:!?()[]{}\"'*…–—«»“”؟،_|~ ", max_size=4)
NAMES = [
    "Bitcoin",
    "btc",
    "$BTC",
    "#bitcoin",
    "Ethereum Classic",
    "$SOL",
    "$TSLA",
    "بيتكوين",
    "إيثيريوم",
    "crypto",
]


@given(st.sampled_from(NAMES), PUNCTUATION, PUNCTUATION)
def test_punctuation_around_a_name_changes_nothing(name: str, before: str, after: str) -> None:
    assert link(f"{before}{name}{after}") == link(name)
    assert link(name)


@given(st.text(max_size=200))
def test_any_text_gives_sorted_symbols_without_repeats(text: str) -> None:
    found = link(text)
    assert list(found) == sorted(set(found))
    assert all(symbol.isascii() and symbol.isalnum() and symbol.isupper() for symbol in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BTC and bitcoin and $btc", "BTC"),
        ("Bitcoin's price", "BTC"),
        ("\u0412itcoin rallies", "BTC"),
        ("\u0412\u0422\u0421 rallies", "BTC"),
        ("Bitcoin Cash forks", "BCH"),
        ("Bitcoin and Bitcoin Cash", "BCH BTC"),
        ("BTC/USDT breaks out, ETH-USD too", "BTC ETH"),
        ("BTCUSDT open interest", "BTC"),
        ("والبيتكوين والإيثيريوم", "BTC ETH"),
        ("ارتفاع سعر البيتكوين كاش", "BCH"),
        ("صعود العملات المشفرة", "CRYPTO"),
        ("SOL jumps", "SOL"),
        ("the sol of Peru", ""),
        ("$sol jumps", "SOL"),
        ("the one near the link", ""),
        ("NEAR and LINK rally", "LINK NEAR"),
        ("IS THIS THE ONE NEAR YOU", ""),
        ("IS $ONE NEAR YOU", "ONE"),
        ("Polygon raises a fence", ""),
        ("Polygon wallet raises $450M", "MATIC"),
        ("Avalanche and Ethereum fees fall", "AVAX ETH"),
        ("Optimism returns to Wall Street", ""),
        ("Crypto market sinks", "CRYPTO"),
        ("Fed raises rates", "CRYPTO"),
        ("SEC fines a bank", ""),
        ("SEC rejects spot Bitcoin ETF", "BTC CRYPTO"),
        ("SEC sues Coinbase", "CRYPTO"),
        ("$TSLA beats, $5 C$10 $USD $B", "TSLA"),
        ("Weather in Paris", ""),
    ],
)
def test_subjects_are_found_and_look_alikes_are_not(text: str, expected: str) -> None:
    assert " ".join(link(text)) == expected


def test_listed_shares_count_in_capitals_but_words_only_after_an_exchange() -> None:
    tickers = ("AAPL", "ALL", "F")
    assert link("AAPL and aapl: all in", tickers) == ("AAPL",)
    assert link("Allstate (NYSE: ALL) falls", tickers) == ("ALL",)
    assert link("It is ALL good", tickers) == ()
    assert link("AAPL falls") == ()


def test_every_coin_is_found_by_its_cashtag_and_by_each_of_its_names() -> None:
    for coin in COINS:
        assert link(f"the ${coin.symbol} chart") == (coin.symbol,)
        for name in (*coin.names, *coin.tickers.split()):
            assert link(f"a {name}, b") == (coin.symbol,), name


def test_the_table_has_no_symbol_twice_and_no_unfolded_name() -> None:
    symbols = [coin.symbol for coin in COINS]
    assert len(set(symbols)) == len(symbols)
    assert [name for coin in COINS for name in coin.names if fold(name).lower() != name] == []


@pytest.mark.parametrize(
    ("entity", "symbol"),
    [
        ("BTC", "BTC"),
        ("bitcoin", "BTC"),
        ("$btc", "BTC"),
        ("#Bitcoin", "BTC"),
        ("بيتكوين", "BTC"),
        ("\u0412itcoin", "BTC"),
        ("Bitcoin Cash", "BCH"),
        ("crypto", "CRYPTO"),
        ("sol", "SOL"),
        ("tsla", "TSLA"),
        ("", None),
        ("../etc/passwd", None),
    ],
)
def test_an_entity_may_be_named_in_many_ways(entity: str, symbol: str | None) -> None:
    assert canonical(entity) == symbol
