"""Each invariant of the drill holds on a sound world and speaks on the one thing that breaks it."""

from decimal import Decimal
from math import nan
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.drill import invariants
from sagetrade_nautilus.drill.invariants import ON_LEAVING, SETTLED, Leaving, Settled, Sight
from sagetrade_nautilus.guard.switch.state import State

LIMITS = LimitConfig(
    max_order_notional_pct=10.0,
    max_symbol_exposure_pct=20.0,
    max_exposure_pct=30.0,
    max_daily_loss_pct=3.0,
    max_price_age_s=60.0,
    max_price_jump_pct=5.0,
)
SIGHT = Sight(price=100.0, age_s=60.0, jump_pct=5.0, crossed=False)
ENTRY = Leaving(
    client_order_id="O-1",
    symbol="A.V",
    is_change=False,
    opens=True,
    state=State.RUNNING,
    flatten=False,
    notional=100.0,
    sight=SIGHT,
    equity=1000.0,
    day_loss_pct=3.0,
    exposures={"A.V": 200.0, "B.V": 100.0},
    tripped=frozenset(),
    state_now=State.RUNNING,
)
ONE, NONE = {"A.V": Decimal(1)}, {"A.V": Decimal(0)}
WORLD = Settled(
    arrivals=("O-1", "O-2"),
    flips=(),
    filled=ONE,
    ours=ONE,
    theirs=ONE,
    open_here=frozenset({"O-2"}),
    open_there=frozenset({"O-2"}),
    journal="",
    journaled=frozenset({"O-1", "O-2", "O-3"}),
)


def _sight(**changes: Any) -> dict[str, Sight]:
    return {"sight": msgspec.structs.replace(SIGHT, **changes)}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, set()),
        ({"state": State.NO_ENTRIES}, {"no_entry_while_switched_off"}),
        ({"state": State.HALTED}, {"no_entry_while_switched_off", "nothing_in_a_halt_but_a_way_out"}),
        ({"state": State.HALTED, "opens": False}, {"nothing_in_a_halt_but_a_way_out"}),
        ({"state": State.HALTED, "opens": False, "flatten": True}, set()),
        ({"state": State.REDUCE_ONLY, "opens": False}, set()),
        ({"state_now": State.REDUCE_ONLY}, {"no_entry_out_of_the_queue_while_switched_off"}),
        ({"state_now": State.REDUCE_ONLY, "opens": False}, set()),
        ({"sight": None}, {"no_entry_on_a_bad_price"}),
        (_sight(price=0.0), {"no_entry_on_a_bad_price"}),
        (_sight(price=nan), {"no_entry_on_a_bad_price"}),
        (_sight(crossed=True), {"no_entry_on_a_bad_price"}),
        (_sight(jump_pct=5.01), {"no_entry_on_a_bad_price"}),
        (_sight(age_s=60.01), {"no_entry_on_an_old_price"}),
        ({"notional": 103.0}, {"one_order_within_its_limit"}),
        ({"notional": nan}, {"one_order_within_its_limit"}),
        ({"exposures": {"A.V": 205.0}}, {"exposure_within_its_limits"}),
        ({"exposures": {"A.V": 100.0, "B.V": 210.0}}, {"exposure_within_its_limits"}),
        ({"exposures": {"A.V": 100.0, "B.V": nan}}, {"exposure_within_its_limits"}),
        ({"equity": nan}, {"one_order_within_its_limit", "exposure_within_its_limits"}),
        ({"day_loss_pct": 3.3}, {"no_entry_once_the_day_is_lost"}),
        ({"day_loss_pct": nan}, set()),
        ({"tripped": frozenset({"max_drawdown_pct"})}, {"no_entry_while_the_breaker_is_tripped"}),
        ({"opens": False, "tripped": frozenset({"max_drawdown_pct"}), "notional": 900.0, "sight": None}, set()),
    ],
)
def test_what_leaves_breaks_just_its_own_invariants(changes: dict[str, Any], broken: set[str]) -> None:
    order = msgspec.structs.replace(ENTRY, **changes)
    assert {check.__name__ for check in ON_LEAVING if check(order, LIMITS)} == broken


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, set()),
        ({"arrivals": ("O-1", "O-1")}, {"ids_are_unique"}),
        ({"flips": ("O-1 filled 2 against 1 that was open",)}, {"no_reducing_order_flips"}),
        ({"ours": NONE, "filled": NONE}, {"our_position_is_the_venues"}),
        ({"ours": NONE}, {"nautilus_keeps_late_fills"}),
        ({"open_here": frozenset()}, {"our_open_orders_are_the_venues"}),
        ({"open_there": frozenset({"O-2", "O-3"})}, {"our_open_orders_are_the_venues"}),
        ({"journal": "line 3: edited"}, {"the_chain_holds"}),
        ({"journaled": frozenset({"O-1"})}, {"every_order_is_journaled"}),
    ],
)
def test_the_end_breaks_just_its_own_invariants(changes: dict[str, Any], broken: set[str]) -> None:
    world = msgspec.structs.replace(WORLD, **changes)
    assert {check.__name__ for check in SETTLED if check(world)} == broken


def test_every_known_exception_is_an_invariant_with_a_reason() -> None:
    assert set(invariants.KNOWN) <= {check.__name__ for check in (*ON_LEAVING, *SETTLED)}
    assert all(invariants.KNOWN.values())
