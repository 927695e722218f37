import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.embedded import SURE, TOPIC_EVENTS, EmbeddedModel, event_of
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.impact import IMPACT
from sagetrade_nautilus.model.text.pipeline import is_bounded
from sagetrade_nautilus.model.text.protocol import TextModel
from sagetrade_nautilus.model.text.topics import TOPICS

MODEL: TextModel = EmbeddedModel()


@given(st.lists(st.text(max_size=80), max_size=5))
def test_a_text_has_bounded_numbers_the_same_alone_and_in_a_batch(texts: list[str]) -> None:
    scores = MODEL.analyse(texts)
    assert all(map(is_bounded, scores))
    assert scores == [MODEL.analyse([text])[0] for text in texts]


@pytest.mark.parametrize(
    ("text", "event", "sign"),
    [
        ("Exchange hacked, $40M in Bitcoin stolen", "hack_exploit", -1),
        ("Celsius files for Chapter 11 bankruptcy", "bankruptcy", -1),
        ("SEC rejects spot Bitcoin ETF application", "etf", -1),
        ("Binance lists new token", "listing_delisting", None),
        ("Abacus raises full year guidance", "guidance", 1),
        ("Abacus Appoints Jane Miller as Chief Financial Officer", "personnel", 0),
        ("$ABC - Abacus downgraded to Sell at Northbank", "analyst_rating", -1),
        ("Abacus to acquire Bead Inc. for $2.1 billion in cash", "merger_acquisition", 0),
        ("Abacus partners with Bead to launch payments platform", "product_partnership", None),
        ("Fed officials signal another 75 basis point rate hike", "macro_central_bank", None),
        ("Law firm announces class action against Abacus", "regulation_legal", -1),
        ("Abacus Q2 profit beats estimates", "earnings", 1),
    ],
)
def test_each_kind_of_news_is_recognised_with_its_sign(text: str, event: str, sign: int | None) -> None:
    [score] = MODEL.analyse([text])
    assert score.event == event
    assert score.impact_score == IMPACT[Event(event)]
    if sign is not None:
        assert (score.sentiment > 0.0) - (score.sentiment < 0.0) == sign


def test_a_sure_topic_goes_before_the_rules_but_not_where_only_they_can_tell() -> None:
    assert event_of(Event.OTHER, "Earnings", SURE) == Event.EARNINGS
    assert event_of(Event.OTHER, "Earnings", SURE - 0.01) == Event.OTHER
    assert event_of(Event.HACK_EXPLOIT, "Earnings", 1.0) == Event.HACK_EXPLOIT
    assert event_of(Event.PERSONNEL, "Politics", 1.0) == Event.PERSONNEL


def test_the_tables_name_topics_and_every_event_has_an_impact() -> None:
    assert set(TOPIC_EVENTS) <= set(TOPICS)
    assert set(IMPACT) == set(Event)
    assert all(0.0 <= value <= 1.0 for value in IMPACT.values())


def test_the_name_carries_the_weights_digest() -> None:
    assert MODEL.name.startswith("embedded-1-")
    assert len(MODEL.name.rsplit("-", 1)[1]) == 8
