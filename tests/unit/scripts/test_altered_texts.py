"""Variants of labelled texts: the same at any time, and of nothing but the texts' own words."""

from hypothesis import given
from hypothesis import strategies as st

from scripts.altered_texts import WORDS_MIN, altered

WORDS = st.lists(st.sampled_from(["ecb", "holds", "rates", "$AAPL", "up", "2%", "https://t.co/x"]), max_size=9)


@given(st.lists(WORDS.map(" ".join), min_size=2, max_size=5))
def test_a_variant_has_the_words_of_the_two_texts_that_it_names_and_no_link(texts: list[str]) -> None:
    found = altered(texts)
    assert len(found.texts) == len(found.of) == len(found.with_)
    for text, of, borrowed in zip(found.texts, found.of, found.with_, strict=True):
        own = texts[of].split() + (texts[borrowed].split() if borrowed >= 0 else [])
        assert set(text.split()) <= set(own) - {"https://t.co/x"}
        assert text


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=5))
def test_the_same_texts_have_the_same_variants(texts: list[str]) -> None:
    first, second = altered(texts), altered(texts)
    assert first.texts == second.texts
    assert (first.of == second.of).all()
    assert (first.with_ == second.with_).all()


def test_a_text_has_up_to_fifteen_variants_and_one_of_too_few_words_none() -> None:
    long = "the central bank holds its rates where they are"
    found = altered([long, " ".join(["up"] * (WORDS_MIN - 1))])
    assert set(found.of) == {0}
    assert 9 <= len(found.texts) <= 15
