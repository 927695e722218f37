"""The account as a limit sees it."""

from sagetrade_nautilus.guard.gate.book import Book
from tests.support.limits import proposed


def test_an_order_on_its_way_adds_to_its_symbols_exposure_and_to_the_trades() -> None:
    book = Book(1000.0, 1, {"A.V": 50.0}, net=50.0)
    for number, sells in enumerate((False, True), start=2):
        book = book.after(proposed(20.0, sells=sells))
        assert book.open_trades == number
    assert (book.exposures, book.net) == ({"A.V": 90.0}, 50.0)
