import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.titles import (
    LEAST_WORDS,
    address_key,
    read_title,
    search_keys,
    split_words,
)
from tests.support.stories import is_same_story

WORDS = st.sampled_from(
    str.split("""
    Goldman Sachs Coinbase Tether Zurich Fidelity Ripple bitcoin eth crypto stocks fund loan offers first
    launches research market rises falls sinks gains 30 5% July not $SQ (MIDD) the of بيتكوين
    """)
)
TITLES = st.lists(WORDS, max_size=12).map(" ".join)


def key(title: str) -> str:
    return read_title(title).key


def same(first: str, second: str) -> bool:
    return is_same_story(read_title(first), read_title(second))


def test_case_punctuation_spacing_and_look_alikes_do_not_make_a_title_new() -> None:
    assert key("Bitcoin  drops: 5%!") == key("\u0412itcoin DROPS 5%")
    assert key("Bitcoin drops 5%") != key("Bitcoin drops 6%")


def test_links_within_a_post_do_not_make_it_new() -> None:
    assert key("Bitcoin drops https://t.co/abc https://t.co/d") == key("Bitcoin drops https://t.co/xyz")


def test_titles_without_any_word_are_told_apart() -> None:
    assert key("🚀") != key("🔥")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("MetaMask warns Apple users over iCloud phishing", "MetaMask Warns Apple Users of iCloud Phishing"),
        (
            "Cardano Foundation and The University of Zurich expand academic blockchain research",
            "Cardano Foundation and University of Zurich Partner for Academic Blockchain Research",
        ),
        (
            "Goldman Sachs offers first Bitcoin-backed loan as Wall Street embraces crypto",
            "Goldman Sachs Offers Its First BTC-Backed Loan",
        ),
        ("UPDATE -- Fresh Vine Wine Expanding Retail in Ohio", "Fresh Vine Wine Expanding Retail in Ohio"),
        ("Nasdaq-listed Coinbase jumps on Goldman upgrade", "Coinbase, Nasdaq listed, soars on Goldman's upgrade"),
        ("البنك المركزي في سويسرا يشتري البيتكوين لأول مرة", "البنك المركزي في سويسرا يشتري البيتكوين لاول مره!"),
    ],
)  # fmt: skip
def test_titles_of_one_story_are_recognised(first: str, second: str) -> None:
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Prothena Announces Inducement Grants Under Rule", "Paratek Announces Inducement Grants Under Rule"),
        ("Tellurian (TELL) Dips More Than Broader Markets", "Veru (VERU) Dips More Than Broader Markets"),
        ("Andersons Stock Sinks As Market Gains: What to Know", "Andersons Stock Gains As Market Dips: What to Know"),
        ("Best Value Stocks to Buy for July 1st", "Best Income Stocks to Buy for July 1st"),
        ("New Zacks Strong Sell Stocks for June 30th", "New Zacks Strong Buy Stocks for June 30th"),
        ("Price analysis 6/6 by Rakesh: BTC, ETH, BNB, XRP", "Price analysis 6/8 by Rakesh: BTC, ETH, BNB, XRP"),
        ("Bitcoin and Ethereum consolidate, LUNA rallies", "Bitcoin and Ethereum consolidate, AAVE rallies"),
        ("Binance denies withdrawal halt at Kazakhstan office", "Binance withdrawal halt at Kazakhstan office"),
        ("Coinbase rises 5% after Goldman note", "Coinbase rises 6% after Goldman note"),
        ("What is bitcoin", "What is a bitcoin maxi?"),
    ],
)  # fmt: skip
def test_titles_that_differ_in_what_matters_are_not_one_story(first: str, second: str) -> None:
    assert not same(first, second)


@given(TITLES, TITLES)
def test_the_order_does_not_matter_and_every_title_is_itself(first: str, second: str) -> None:
    assert same(first, second) == same(second, first)
    assert same(first, first)


@given(TITLES, TITLES)
def test_two_titles_of_one_story_can_be_found_by_one_another(first: str, second: str) -> None:
    a, b = read_title(first), read_title(second)
    if is_same_story(a, b) and a.key != b.key:
        assert a.musts == b.musts
        assert min(len(a.words), len(b.words)) >= LEAST_WORDS
        assert not set(search_keys(a)).isdisjoint(search_keys(b))


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_the_shorter_way_for_ascii_finds_the_same_words(text: str) -> None:
    assert split_words(text) == re.findall(r"[^\W_]+", text.casefold())


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert is_same_story(read_title(text), read_title(text.upper().lower())) in (True, False)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.com/a/?utm_source=x&id=1#top", "example.com/a?id=1"),
        ("http://example.com/a", "example.com/a"),
        ("https://example.com", "example.com/"),
        ("https://example.com/A?b=2", "example.com/A?b=2"),
        ("/r/Bitcoin/x", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_an_address_is_compared_without_what_does_not_matter(url: str, key: str) -> None:
    assert address_key(url) == key
