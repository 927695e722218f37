import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.event_table import CLASSIFIER, RULES
from sagetrade_nautilus.model.text.events import WEIGHTS, Event, EventRules, Rule, expand, words_of


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Dropbox to Announce Second Quarter 2022 Earnings Results", "earnings"),
        ("Netflix Q2 net income beats estimates", "earnings"),
        ("Valmont raises full year guidance", "guidance"),
        ("Cowen downgrades chip stock Qorvo as demand slows", "analyst_rating"),
        ("OpenSea Acquires Major NFT Aggregator Gem", "merger_acquisition"),
        ("Amazon to buy One Medical for $3.9 billion", "merger_acquisition"),
        ("ECB raises its key interest rate by 50 basis points", "macro_central_bank"),
        ("Fed Beige Book: activity expanded", "macro_central_bank"),
        ("US Inflation for April Hits 8.3%", "macro_central_bank"),
        ("SEC charges Coinbase manager with insider trading", "regulation_legal"),
        ("China bans crypto mining again", "regulation_legal"),
        ("Harmony hacker sends stolen funds to Tornado Cash", "hack_exploit"),
        ("DeFi project drained for $1.6M in rug pull", "hack_exploit"),
        ("Crypto Listing and Delisting Announcements: Week 9", "listing_delisting"),
        ("SEC rejects Fidelity's spot Bitcoin ETF application", "etf"),
        ("Mastercard partners with Immutable X", "product_partnership"),
        ("OpenSea Co-Founder Steps Down", "personnel"),
        ("Gap CEO Sonia Syngal is stepping down", "personnel"),
        ("Celsius files for Chapter 11 bankruptcy", "bankruptcy"),
        ("Voyager Digital suspends withdrawals", "bankruptcy"),
        ("Bitcoin drops below $30K as Fed raises rates", "price_move"),
        ("BTC price hits new high", "price_move"),
        ("Shares of Fevertree slump 32%", "price_move"),
        ("Ethereum could drop to $1K, trader warns", "other"),
        ("What is a DAO?", "other"),
        ("", "other"),
    ],
)
def test_each_kind_of_news_is_recognised(text: str, event: str) -> None:
    assert CLASSIFIER.classify(text) == event


def test_the_first_rule_that_holds_decides() -> None:
    both = (Rule(Event.ETF, ("alpha",)), Rule(Event.PERSONNEL, ("beta",)))
    assert EventRules(both).classify("beta alpha") == Event.ETF
    assert EventRules(both[::-1]).classify("beta alpha") == Event.PERSONNEL


def test_a_rule_may_need_a_second_phrase_exclude_one_and_look_only_at_the_opening() -> None:
    rules = EventRules((Rule(Event.ETF, ("alpha",), beside=("beta",), without=("gamma",), within=2),))
    assert rules.classify("alpha x beta") == Event.ETF
    assert rules.classify("alpha x") == Event.OTHER
    assert rules.classify("alpha beta gamma") == Event.OTHER
    assert rules.classify("x y alpha beta") == Event.OTHER


def test_numbers_amounts_and_coins_are_read_as_kinds() -> None:
    assert words_of("Вitcoin up 5.5% to $40K, $TSLA's 3") == ["@coin", "up", "#%", "to", "$#", "@ticker", "#"]


def test_alternatives_are_spelled_out_and_a_malformed_phrase_is_refused() -> None:
    assert expand("(a|b) c (d|)") == ["a c d", "a c", "b c d", "b c"]
    for wrong in ("(a|(b|c)) d", "a b c d e", "(|) "):
        with pytest.raises(ConfigError):
            expand(wrong)


def test_every_event_has_a_weight_and_a_rule() -> None:
    assert set(WEIGHTS) == set(Event)
    assert all(0.0 <= weight <= 1.0 for weight in WEIGHTS.values())
    assert {rule.event for rule in RULES} == set(Event) - {Event.OTHER}
    assert min(WEIGHTS, key=lambda event: WEIGHTS[event]) == Event.PRICE_MOVE


@given(st.text(max_size=300))
def test_any_text_has_one_event(text: str) -> None:
    assert CLASSIFIER.classify(text) in set(Event)
