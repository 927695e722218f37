"""A fill in two parts has together what the whole has."""

from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.objects import Money, Quantity

from sagetrade_nautilus.fills import split
from tests.support.orders import Desk, filled


@given(st.integers(2, 10**9), st.floats(0.001, 0.999), st.integers(0, 10**9))
def test_the_parts_of_a_fill_have_its_size_and_its_commission_to_the_last_digit(
    steps: int, share: float, fee: int
) -> None:
    whole = filled(Desk().leave(1.0, rests=True)).last_event
    size = Quantity.from_str(f"{steps * 1e-5:.5f}")
    commission = Money.from_raw(fee * 10**8, USDT)
    values = OrderFilled.to_dict(whole) | {"last_qty": str(size), "commission": str(commission)}
    fill = OrderFilled.from_dict(values)
    taken = Quantity.from_str(f"{max(1, int(steps * share)) * 1e-5:.5f}")
    first, rest = split(fill, taken)
    assert first.last_qty == taken
    assert first.last_qty.as_decimal() + rest.last_qty.as_decimal() == fill.last_qty.as_decimal()
    assert first.commission.as_decimal() + rest.commission.as_decimal() == fill.commission.as_decimal()
    assert first.trade_id == rest.trade_id == fill.trade_id
