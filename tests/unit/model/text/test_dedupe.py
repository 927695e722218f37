from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.dedupe import DuplicateFilter, title_key


def test_case_punctuation_spacing_and_look_alikes_do_not_make_a_title_new() -> None:
    assert title_key("Bitcoin  drops: 5%!") == title_key("\u0412itcoin DROPS 5%")
    assert title_key("Bitcoin drops 5%") != title_key("Bitcoin drops 6%")


def test_titles_without_any_word_are_told_apart() -> None:
    assert title_key("🚀") != title_key("🔥")


def test_a_repeat_is_counted() -> None:
    seen = DuplicateFilter(10)
    assert [seen.meet("a"), seen.meet("b"), seen.meet("A!"), seen.meet("a")] == [0, 0, 1, 2]


def test_the_title_not_met_for_longest_is_forgotten_first() -> None:
    seen = DuplicateFilter(2)
    for title in ("a", "b", "a", "c"):
        seen.meet(title)
    assert seen.meet("a") == 2
    assert seen.meet("b") == 0


@given(st.lists(st.text(max_size=4), max_size=60), st.integers(1, 5))
def test_memory_is_bounded(titles: list[str], capacity: int) -> None:
    seen = DuplicateFilter(capacity)
    for title in titles:
        seen.meet(title)
        assert len(seen) <= capacity
