"""A size is in whole steps of its instrument, rounded down, and none below the smallest."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Quantity

from sagetrade_nautilus.sizes import exact, whole
from tests.support.orders import BTC

D = Decimal


@pytest.mark.parametrize(
    ("space", "steps"),
    [("0.12345678", "0.12345"), ("0.00001", "0.00001"), ("0.000009", None), ("0", None), ("-0.1", None)],
)
def test_what_is_left_is_rounded_down_to_whole_steps(space: str, steps: str | None) -> None:
    assert whole(BTC, D(space)) == (None if steps is None else Quantity.from_str(steps))


@pytest.mark.parametrize(("space", "steps"), [("9.99999", None), ("10", "10"), ("10.4", "10.4")])
def test_what_is_left_is_at_least_the_smallest_size_of_the_market(space: str, steps: str | None) -> None:
    least = CurrencyPair.from_dict({**CurrencyPair.to_dict(BTC), "min_quantity": "10.00000"})
    assert whole(least, D(space)) == (None if steps is None else Quantity.from_str(steps))


def test_nothing_is_left_of_an_instrument_that_nobody_knows() -> None:
    assert whole(None, D("1")) is None


@given(st.integers(0, 3 * 10**19), st.integers(0, 9))
def test_a_size_keeps_every_digit_however_many_coins_it_is(steps: int, precision: int) -> None:
    size = min(D(steps), D(10) ** (10 + precision)).scaleb(-precision)
    assert exact(size, precision).as_decimal() == size
    assert exact(size, precision).precision == precision
