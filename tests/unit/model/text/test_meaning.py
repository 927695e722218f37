from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sagetrade_nautilus.model.text.dedupe import Story, StoryMemory
from sagetrade_nautilus.model.text.meaning import MeaningMemory, MeaningRules
from sagetrade_nautilus.model.text.titles import may_be_retold, read_title
from tests.support.embedder import TableEmbedder

HOUR = 3_600 * 10**9
FIRST = "Uniswap acquires NFT marketplace aggregator Genie"
AGAIN = "Genie, which gathers NFT offers, is bought by Uniswap"
RULES = MeaningRules(similarity=0.76, window_ns=24 * HOUR, capacity=10)
SAME = {FIRST: 0, AGAIN: 0}
TITLES = st.lists(
    st.sampled_from([FIRST, AGAIN, "Kraken hires staff in Lugano", "Lugano staff join Kraken"]), max_size=12
)


def memory(
    meanings: dict[str, int] | None = None, rules: MeaningRules = RULES, capacity: int = 100
) -> tuple[StoryMemory, MeaningMemory[Story], TableEmbedder]:
    embedder = TableEmbedder(SAME if meanings is None else meanings)
    meant: MeaningMemory[Story] = MeaningMemory(rules, embedder)
    return StoryMemory(capacity, 72 * HOUR, meant), meant, embedder


def test_a_story_told_again_in_other_words_counts_once_and_remembers_its_addresses() -> None:
    stories, _, _ = memory()
    first, new = stories.meet(FIRST, "https://a.com/1", 0)
    assert new
    again, new = stories.meet(AGAIN, "https://b.com/2", HOUR)
    assert again is first
    assert not new
    assert first.also_at == ("https://b.com/2",)


def test_without_meanings_the_words_alone_decide() -> None:
    stories = StoryMemory(100, 72 * HOUR)
    assert [stories.meet(title, "", 0)[1] for title in (FIRST, AGAIN)] == [True, True]


def test_what_the_words_recognise_is_not_asked_of_the_model() -> None:
    stories, _, embedder = memory()
    stories.meet(FIRST, "", 0)
    stories.meet(FIRST + "!", "", 1)
    assert embedder.asked == [FIRST]


def test_a_meaning_is_forgotten_after_its_time() -> None:
    stories, _, _ = memory()
    stories.meet(FIRST, "", 0)
    assert not stories.meet(AGAIN, "", 24 * HOUR - 1)[1]
    stories, _, _ = memory()
    stories.meet(FIRST, "", 0)
    assert stories.meet(AGAIN, "", 24 * HOUR)[1]


@pytest.mark.parametrize("similarity", [0.76, 1.0])
def test_titles_less_alike_than_asked_are_two_stories(similarity: float) -> None:
    class Leaning(TableEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.array([[1.0, 0.0] if text == FIRST else [0.8, 0.6] for text in texts], np.float32)

    stories = StoryMemory(9, HOUR, MeaningMemory(RULES.__replace__(similarity=similarity), Leaning()))
    stories.meet(FIRST, "", 0)
    assert stories.meet(AGAIN, "", 1)[1] is (similarity > 0.8)


@pytest.mark.parametrize(
    ("one", "other", "retold"),
    [
        (FIRST, AGAIN, True),
        ("Why General Motors stock sank", "Why Ford stock sank", False),
        ("Uniswap raises money for Genie", "Binance raises money for Solana", False),
        ("Nexo buys 2 lenders", "Nexo buys 3 lenders", False),
        ("Nexo buys 2 lenders", "Nexo buys lenders", True),
        ("Nexo denies buying Voyager", "Nexo is buying Voyager", False),
        ("Andersons gains as market dips", "Andersons sinks as market gains", False),
        ("Nexo in talks with lenders", "lenders in talks", False),
    ],
)
def test_titles_that_mean_the_same_tell_one_story_only_if_nothing_that_matters_differs(
    one: str, other: str, retold: bool
) -> None:
    assert may_be_retold(read_title(one), read_title(other)) is retold
    assert may_be_retold(read_title(other), read_title(one)) is retold


def test_a_title_in_another_language_or_that_the_model_fails_on_is_a_new_story() -> None:
    class Failing(TableEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise RuntimeError(texts[0])

    meant: MeaningMemory[Story] = MeaningMemory(RULES, Failing())
    stories = StoryMemory(9, HOUR, meant)
    assert [stories.meet(title, "", 0)[1] for title in (FIRST, AGAIN)] == [True, True]
    assert (meant.failed, len(meant)) == (2, 0)
    arabic = "ارتفع سعر البيتكوين اليوم"
    other = "شركة كوينبيس تطلق منصة جديدة في دبي"
    stories, _, embedder = memory({arabic: 0, other: 0})
    assert [stories.meet(title, "", 0)[1] for title in (arabic, other)] == [True, True]
    assert embedder.asked == []


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 7))
def test_memory_is_bounded_and_the_oldest_goes_first(numbers: list[int], capacity: int) -> None:
    embedder = TableEmbedder()
    meant: MeaningMemory[int] = MeaningMemory(RULES.__replace__(capacity=capacity), embedder)
    told: list[int] = []
    for number in numbers:
        title = read_title(f"Uniswap buys Genie{number:03d}x Xyzzy")
        at = np.zeros(64, np.float32)
        at[number] = 2_048.0
        found = meant.find(title, at, 0)
        assert found == (number if number in told[-capacity:] else None)
        if found is None:
            meant.remember(title, at, 0, number)
            told.append(number)
        assert len(meant) <= capacity


@given(TITLES, TITLES)
def test_what_a_text_repeats_depends_on_the_texts_before_it_alone(before: list[str], after: list[str]) -> None:
    def told(titles: list[str]) -> list[bool]:
        stories, _, _ = memory()
        return [stories.meet(title, "", number * HOUR)[1] for number, title in enumerate(titles)]

    assert told(before + after)[: len(before)] == told(before)
