"""Two books agree, or it is said in which instrument they do not and how."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.books import Books, differences

NAMES = st.sampled_from(["A", "B", "C"])
BOOKS = st.builds(
    Books,
    st.dictionaries(NAMES, st.frozensets(st.sampled_from(["o1", "o2", "o3"]))),
    st.dictionaries(NAMES, st.decimals(-9, 9, places=2)),
)


@given(BOOKS)
def test_a_book_agrees_with_itself(books: Books) -> None:
    assert differences(books, books) == {}


@given(BOOKS, BOOKS)
def test_both_sides_find_the_same_instruments(ours: Books, theirs: Books) -> None:
    assert list(differences(ours, theirs)) == list(differences(theirs, ours))


@given(BOOKS, BOOKS)
def test_what_is_not_named_is_the_same_on_both_sides(ours: Books, theirs: Books) -> None:
    for name in {"A", "B", "C"} - set(differences(ours, theirs)):
        assert ours.positions.get(name, Decimal(0)) == theirs.positions.get(name, Decimal(0))
        assert ours.orders.get(name, frozenset()) == theirs.orders.get(name, frozenset())


def test_nothing_held_and_nothing_said_are_the_same() -> None:
    assert differences(Books({"A": frozenset()}, {"A": Decimal(0)}), Books({}, {})) == {}


def test_every_difference_is_said_in_words() -> None:
    ours = Books({"A": frozenset({"o1"})}, {"A": Decimal("1.50")})
    theirs = Books({"A": frozenset({"o2"})}, {"A": Decimal(-1)})
    assert differences(ours, theirs) == {
        "A": (
            "our strategies hold 1.50, the venue says -1",
            "order o2 rests at the venue and is none of our strategies'",
            "order o1 should rest at the venue and does not",
        )
    }
