from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.dedupe import MAX_ADDRESSES, POSTINGS, StoryMemory
from sagetrade_nautilus.model.text.titles import address_key, read_title
from tests.support.stories import is_same_story

HOUR = 3_600 * 10**9
TITLE = "Goldman Sachs offers first Bitcoin-backed loan"
WORDS = str.split("""
    Goldman Sachs Coinbase Zurich Ripple bitcoin crypto offers first loan rises falls 30 not
    """)
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


def told(memory: StoryMemory, *titles: str, step: int = 1) -> list[bool]:
    return [memory.meet(title, "", number * step)[1] for number, title in enumerate(titles)]


def test_a_story_that_ten_papers_tell_counts_once_and_remembers_its_ten_addresses() -> None:
    memory = StoryMemory(100, HOUR)
    met = [memory.meet(TITLE + "!" * n, f"https://paper{n}.com/story", n) for n in range(10)]
    assert [new for _, new in met] == [True] + [False] * 9
    story = met[0][0]
    assert all(other is story for other, _ in met)
    assert story.address == "paper0.com/story"
    assert story.also_at == tuple(f"https://paper{n}.com/story" for n in range(1, 10))


def test_one_address_told_again_is_no_further_address_and_their_number_is_bounded() -> None:
    memory = StoryMemory(100, HOUR)
    story, _ = memory.meet(TITLE, "https://a.com/x", 0)
    memory.meet(TITLE, "http://www.a.com/x?utm_source=feed", 1)
    assert story.also_at == ()
    for number in range(2 * MAX_ADDRESSES):
        memory.meet(TITLE, f"https://b.com/{number}", 2)
    assert len(story.also_at) == MAX_ADDRESSES


def test_another_papers_title_of_the_story_is_recognised() -> None:
    assert told(
        StoryMemory(9, HOUR), TITLE, "Goldman Sachs Offers Its First BTC-Backed Loan as Wall Street watches"
    ) == [
        True,
        False,
    ]


def test_an_edited_title_under_its_address_is_no_new_story_and_another_text_there_is() -> None:
    memory = StoryMemory(9, HOUR)
    memory.meet("Zuckerberg issues a warning to Meta employees", "https://a.com/1", 0)
    assert not memory.meet("Zuckerberg issues dire economic warning to 80,000 employees", "https://a.com/1", 1)[1]
    assert memory.meet("Ripple wins its case", "https://a.com/1", 2)[1]


def test_a_story_is_forgotten_after_its_time_and_counts_again() -> None:
    memory = StoryMemory(9, HOUR)
    assert memory.meet(TITLE, "", 0)[1]
    assert not memory.meet(TITLE, "", HOUR - 1)[1]
    assert memory.meet(TITLE, "", HOUR)[1]
    assert len(memory) == 1


def test_the_oldest_story_is_forgotten_first() -> None:
    memory = StoryMemory(2, HOUR)
    assert told(memory, "a", "b", "a", "c", "b", "a") == [True, True, False, True, False, True]


@given(st.lists(TITLES, max_size=60), st.integers(1, 8))
def test_memory_is_bounded_and_nothing_of_a_forgotten_story_stays(titles: list[str], capacity: int) -> None:
    memory = StoryMemory(capacity, HOUR)
    for number, title in enumerate(titles):
        memory.meet(title, f"https://a.com/{title}", number)
        assert len(memory) <= capacity
    memory.meet("an end", "", 10 * HOUR)
    assert len(memory) == 1
    assert (memory._by_address, memory._by_name) == ({}, {})


@given(st.lists(TITLES, max_size=30), st.lists(TITLES, max_size=10))
def test_what_a_text_repeats_depends_on_the_texts_before_it_alone(before: list[str], after: list[str]) -> None:
    assert told(StoryMemory(50, HOUR), *before, *after)[: len(before)] == told(StoryMemory(50, HOUR), *before)


@given(st.lists(TITLES, max_size=POSTINGS))
def test_the_index_misses_nothing_that_a_look_at_every_story_would_find(titles: list[str]) -> None:
    memory = StoryMemory(100, HOUR)
    stories: list[str] = []
    for number, title in enumerate(titles):
        expected = any(is_same_story(read_title(known), read_title(title)) for known in stories)
        _, new = memory.meet(title, "", number)
        assert new is not expected
        if new:
            stories.append(title)


def test_repeats_of_real_headlines_are_found_and_nothing_else_of_note(shared_data: Path) -> None:
    """The figures of docs/news.md: 2,102 of 3,365 rows repeat an address."""
    rows = pq.read_table(shared_data / "news" / "equity_headlines_with_duplicates_2022-07.parquet").to_pylist()
    rows.sort(key=lambda row: row["published_utc"])
    memory = StoryMemory(100_000, 72 * HOUR)
    seen: set[str] = set()
    missed = elsewhere = repeated = 0
    for number, row in enumerate(rows):
        address = address_key(row["article_url"])
        _, new = memory.meet(clean(row["title"]), row["article_url"], number)
        repeated += address in seen
        missed += address in seen and new
        elsewhere += address not in seen and not new
        seen.add(address)
    assert repeated == 2_102
    assert missed <= 1
    assert elsewhere <= 20
