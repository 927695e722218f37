"""What a strategy takes up after a restart: one position, its stop, and nothing that is not its own."""

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.recovery import Held, TakeUp, Working, take_up

LONG = Held(position_id="P1", trade_id="t-0001", quantity=1.0)
STOP = Working(order_id="s", position_id="P1", trade_id="t-0001", kind="stop", reduces=True, quantity=1.0)
TARGET = Working(order_id="g", position_id="P1", trade_id="t-0001", reduces=True, quantity=1.0)
ENTRY = Working(order_id="e", trade_id="t-0001", quantity=1.0)
CLOSE = Working(order_id="c", position_id="P1", trade_id="t-0001", kind="market", reduces=True, quantity=1.0)


def test_a_position_with_its_exits_goes_on_as_it_was() -> None:
    plan = take_up([LONG], [STOP, TARGET], "t-0001")
    assert plan == TakeUp(position_id="P1", is_known=True, stop_id="s", target_id="g")


def test_what_its_entry_still_has_at_the_venue_is_cancelled() -> None:
    assert take_up([LONG], [ENTRY, STOP], "t-0001").cancel == ("e",)


def test_a_resting_entry_of_another_life_is_not_waited_for() -> None:
    assert take_up([], [ENTRY, STOP], "t-0001") == TakeUp(cancel=("e", "s"))


def test_without_a_stop_the_target_makes_room_for_both() -> None:
    plan = take_up([LONG], [TARGET], "t-0001")
    assert (plan.stop_id, plan.close_id, plan.target_id, plan.cancel) == (None, None, "g", ("g",))


def test_a_close_that_is_on_its_way_is_not_sent_again() -> None:
    plan = take_up([LONG], [CLOSE], "t-0001")
    assert (plan.close_id, plan.cancel) == ("c", ())


def test_a_position_of_an_unknown_trade_is_taken_up_as_such() -> None:
    plan = take_up([LONG], [STOP], "t-0002")
    assert (plan.position_id, plan.is_known, plan.stop_id) == ("P1", False, "s")


def test_the_position_of_the_saved_trade_stays_and_the_other_is_closed() -> None:
    older = Held(position_id="P0", trade_id="t-0000", quantity=2.0)
    plan = take_up([older, LONG], [STOP], "t-0001")
    assert (plan.position_id, plan.flatten) == ("P1", ("P0",))


def test_exits_that_do_not_say_their_position_are_known_by_their_trade() -> None:
    nameless = Working(order_id="s", trade_id="t-0001", kind="stop", reduces=True, quantity=1.0)
    assert take_up([LONG], [nameless], "t-0001").stop_id == "s"


NAMES = st.sampled_from(["t-0001", "t-0002", ""])
HELD = st.lists(
    st.builds(Held, position_id=st.sampled_from(["P1", "P2", "P3"]), trade_id=NAMES, quantity=st.floats(0.1, 9.0)),
    max_size=3,
    unique_by=lambda held: held.position_id,
)
WORKING = st.lists(
    st.builds(
        Working,
        order_id=st.integers(0, 99).map(str),
        position_id=st.sampled_from([None, "P1", "P2", "P3"]),
        trade_id=NAMES,
        kind=st.sampled_from(["market", "stop", "other"]),
        reduces=st.booleans(),
        quantity=st.floats(0.0, 9.0),
    ),
    max_size=8,
    unique_by=lambda order: order.order_id,
)


@given(held=HELD, working=WORKING, saved=st.none() | NAMES)
def test_every_position_is_under_a_stop_or_closed_and_every_order_has_its_place(
    held: list[Held], working: list[Working], saved: str | None
) -> None:
    plan = take_up(held, working, saved)
    orders = {order.order_id: order for order in working}
    assert (plan.position_id is None) == (not held)
    assert {plan.position_id, *plan.flatten} - {None} == {position.position_id for position in held}
    assert len(plan.flatten) == max(len(held) - 1, 0)
    kept = {plan.stop_id, plan.close_id} | ({plan.target_id} if plan.stop_id else set())
    assert kept & set(plan.cancel) == set()
    left = set(orders) - set(plan.cancel) - kept
    assert all(orders[name].kind == "market" for name in left)
    assert all(orders[name].reduces for name in kept - {None})
