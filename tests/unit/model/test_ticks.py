"""A price lies on a tick, on the side that is asked for."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.ticks import on_tick


@given(st.floats(0.0001, 1e6), st.sampled_from(["0.01", "0.25", "0.5", "1", "0.0000001"]), st.booleans())
def test_a_price_lies_on_the_next_tick(price: float, tick: str, up: bool) -> None:
    step = Decimal(tick)
    found = on_tick(Decimal(str(price)), step, up=up)
    assert found % step == 0
    assert found > 0
    assert abs(found - Decimal(str(price))) < step or found == step
    assert found == step or (found >= Decimal(str(price)) if up else found <= Decimal(str(price)))
