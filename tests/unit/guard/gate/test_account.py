"""Two switches together let out only what both let out."""

import pytest

from sagetrade_nautilus.guard.gate.account import Switch, stricter
from sagetrade_nautilus.guard.switch.state import State

LOOSE = Switch(State.REDUCE_ONLY, flatten=True, reason="by hand")
STRICT = Switch(State.HALTED, flatten=False, reason="by the breaker")


def test_the_stricter_one_holds_with_all_that_it_says() -> None:
    assert stricter(LOOSE, STRICT) is stricter(STRICT, LOOSE) is STRICT


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True), (False, False)])
def test_where_they_agree_the_first_speaks_and_either_closes_positions(first: bool, second: bool) -> None:
    both = stricter(LOOSE._replace(flatten=first), Switch(State.REDUCE_ONLY, second, "by the breaker"))
    assert both == Switch(State.REDUCE_ONLY, first or second, "by hand")
