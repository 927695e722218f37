import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text import finance_table as table
from sagetrade_nautilus.model.text.direction import MAX_TOKENS, evidence, tokens_of
from sagetrade_nautilus.model.text.financial import NEUTRAL_BAND, sentiment_of


def sentiment(text: str) -> float:
    return sentiment_of(text)[0]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Profit rose", "Profit fell"),
        ("Costs fell by 8%", "Costs rose by 8%"),
        ("The loss narrowed", "The loss widened"),
        ("Sales did not fall", "Sales did not rise"),
        ("Operating profit was EUR 9.4 mn, against EUR 6.1 mn", "Operating profit was EUR 6.1 mn, against EUR 9.4 mn"),
        ("Net profit of 1.2 bn versus 900 million", "Net loss of 1.2 bn versus 900 million"),
        ("A profit of 4 mn, compared to a loss of 5 mn", "A loss of 4 mn, compared to a profit of 5 mn"),
        ("The decline in sales slowed", "Sales growth slowed"),
        ("Shares up 5%", "Shares down 5%"),
        ("$ABC +4% premarket", "$ABC -4% premarket"),
        ("The company cut debt", "The company cut its dividend"),
        ("The firm won an order", "The firm lost an order"),
        ("بيتكوين ارتفاع", "بيتكوين انهيار"),
    ],
)
def test_what_moves_decides_whether_a_move_is_good(good: str, bad: str) -> None:
    assert sentiment(good) > 0.0 > sentiment(bad)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The company is headquartered in Tampere",
        "Net sales in 2008 were EUR 71 mn",
        "The board decided to increase the share capital",
        "The plant was set up in 1999",
        "Der Gewinn ist nicht gestiegen und das ist nicht gut",
    ],
)
def test_a_fact_without_direction_is_neutral(text: str) -> None:
    assert sentiment_of(text) == (0.0, 0.0)


@given(st.text(max_size=400))
def test_any_text_is_neutral_or_clearly_not_and_bounded(text: str) -> None:
    value, confidence = sentiment_of(text)
    assert -1.0 <= value <= 1.0
    assert 0.0 <= confidence <= 1.0
    assert (value == 0.0) == (confidence == 0.0)
    assert value == 0.0 or abs(value) >= NEUTRAL_BAND / (1.0 + NEUTRAL_BAND**2) ** 0.5 - 1e-12


@given(st.lists(st.sampled_from(sorted(table.RISING | table.BAD_OBJECTS | table.NEGATORS)), max_size=200))
def test_a_long_text_is_read_up_to_its_bound(words: list[str]) -> None:
    tokens = tokens_of(" ".join(words))
    assert len(tokens) <= MAX_TOKENS
    assert min(evidence(tokens, {})) >= 0.0


def test_confidence_grows_with_the_lead_and_falls_where_the_words_disagree() -> None:
    one, two = sentiment_of("Profit rose")[1], sentiment_of("Profit rose and sales grew")[1]
    assert one < two
    assert sentiment_of("Profit rose, sales grew, orders rose, but margins fell")[1] < two


def test_no_word_pulls_both_ways() -> None:
    sides = [table.RISING, table.FALLING, table.GOOD_OBJECTS, table.BAD_OBJECTS, table.NEUTRAL_OBJECTS]
    clashes = {
        word for at, one in enumerate(sides) for other in sides[at + 1 :] for word in one & other
    } - table.MOTION_NOUNS
    assert clashes == set()
