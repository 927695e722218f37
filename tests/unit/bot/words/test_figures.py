"""Figures keep the digits that tell them apart, however small or large they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.words.figures import Show

SHOW = Show("en")


@pytest.mark.parametrize(
    ("value", "price", "amount"),
    [
        (0.0, "0", "0"),
        (1.23e-8, "0.0000000123", "0.0000000123"),
        (-1.23e-8, "−0.0000000123", "−0.0000000123"),
        (0.0812, "0.0812", "0.0812"),
        (43_210.5, "43,210.5", "43,210.5"),
        (12_345_678_901.123456, "12,345,678,901.12", "12,345,678,901.1235"),
    ],
)
def test_a_price_or_an_amount_is_written_out_without_needless_zeros(value: float, price: str, amount: str) -> None:
    assert (SHOW.price(value), SHOW.amount(value)) == (price, amount)


@given(st.floats(1e-16, 1e16))
def test_no_price_and_no_amount_is_shown_as_another(value: float) -> None:
    for shown in (SHOW.price(value), SHOW.amount(value)):
        assert float(shown.replace(",", "")) == pytest.approx(value, rel=5.1e-5)


def test_what_is_not_known_is_a_dash() -> None:
    assert SHOW.price(None) == SHOW.amount(None) == "–"
