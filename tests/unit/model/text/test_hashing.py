import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.hashing import CHUNK, MAX_CHARS, MOST_FEATURES, Features, hash_features

TEXTS = st.lists(st.text(max_size=80), max_size=6)


def of(side: tuple[Features, ...], text: int) -> list[int]:
    return sorted(number for kind in side for number in kind.ids[kind.texts == text].tolist())


@given(TEXTS)
def test_a_texts_features_do_not_depend_on_the_others(texts: list[str]) -> None:
    together = hash_features(texts)
    for at, text in enumerate(texts):
        for whole, alone in zip(together, hash_features([text]), strict=True):
            assert of(whole, at) == of(alone, 0)


def words(text: str) -> set[int]:
    return set(of(hash_features([text])[0], 0))


def pieces(text: str) -> set[int]:
    return set(of(hash_features([text])[1], 0))


def test_case_digits_links_and_blanks_make_no_difference() -> None:
    assert words("Profit  ROSE 12% https://a.b/c") == words("profit rose 34% http://x/y?z")
    assert words("a\u2014b") == words("a b")


def test_words_and_their_pairs_are_told_apart_by_order_and_bounds() -> None:
    assert len(words("profit rose")) == 3
    assert words("profit rose") & words("rose profit") == words("profit") | words("rose")
    assert words("ab c").isdisjoint(words("a bc"))


def test_pieces_know_the_edges_of_a_word() -> None:
    assert pieces("cat") & pieces("scatter")
    assert pieces("cat") - pieces("scatter")
    assert len(pieces("cat")) == 4 + 3 + 2 + 1
    assert pieces("cat dog") == pieces("cat") | pieces("dog")


def test_what_lies_beyond_the_bound_is_not_read_and_nothing_has_no_features() -> None:
    assert words("a " * MAX_CHARS) == words("a " * (2 * MAX_CHARS))
    assert words("") == pieces(" \n ") == set()


def test_a_full_chunk_of_the_widest_texts_is_hashed_and_none_has_too_many_features_of_a_kind() -> None:
    widest = ["\U0010ffff" * MAX_CHARS, "$a" * MAX_CHARS, "İ" * MAX_CHARS, "&amp;" * MAX_CHARS, "ΐ" * MAX_CHARS]
    widest += ["".join(mix) for mix in zip(*widest, strict=False)]
    for side in hash_features((widest * CHUNK)[:CHUNK]):
        assert sum(np.unique(kind.texts).size for kind in side) > 0
        for kind in side:
            assert (np.diff(kind.texts) >= 0).all()
            assert np.bincount(kind.texts).max(initial=0) < MOST_FEATURES
