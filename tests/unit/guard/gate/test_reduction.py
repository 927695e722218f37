"""How much an order that only reduces may close: what is open, less what others are closing already."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import PositionId

from sagetrade_nautilus.guard.gate.reduction import cuts, enlarged, room, room_within
from tests.support.orders import BTC, ETH, Desk, filled

D = Decimal


def test_it_may_close_what_its_strategy_holds_and_nothing_the_other_way() -> None:
    desk = Desk()
    desk.hold(0.3, "P-1")
    assert room(desk.cache, desk.leave(1.0), None, []) == D("0.3")
    assert room(desk.cache, desk.leave(1.0, OrderSide.BUY), None, []) == 0
    short = Desk()
    short.hold(-0.3, "P-1")
    assert room(short.cache, short.leave(1.0, OrderSide.BUY), None, []) == D("0.3")
    assert room(short.cache, short.leave(1.0), None, []) == 0


def test_it_may_close_no_more_than_the_position_that_it_is_for_however_that_is_said() -> None:
    desk = Desk()
    desk.hold(0.3, "P-1")
    second = desk.hold(0.2, "P-2")
    assert room(desk.cache, desk.leave(1.0), None, []) == D("0.5")
    assert room(desk.cache, desk.leave(1.0), second.id, []) == D("0.2")
    assert room(desk.cache, desk.leave(1.0, of=second, rests=True), None, []) == D("0.2")
    partly = desk.leave(1.0, of=second, rests=True, filled_size=0.1)
    assert partly.position_id == second.id
    assert room(desk.cache, partly, PositionId("P-1"), []) == D("0.3")  # what the command says comes first


def test_a_position_that_is_closed_leaves_no_room() -> None:
    desk = Desk()
    position = desk.hold(0.3, "P-1")
    closing = filled(desk.leave(0.3, of=position, rests=True), position_id=position.id)
    position.apply(closing.last_event)
    desk.cache.update_position(position)
    assert position.is_closed
    assert room(desk.cache, desk.leave(0.3), position.id, []) == 0


def test_what_another_exit_of_the_same_position_closes_is_taken_off_once() -> None:
    desk = Desk()
    first, second = desk.hold(0.3, "P-1"), desk.hold(0.2, "P-2")
    at_rest = desk.leave(0.1, of=first, rests=True)
    assert room(desk.cache, desk.leave(1.0), first.id, [at_rest]) == D("0.2")
    assert room(desk.cache, desk.leave(1.0), second.id, []) == D("0.2")
    assert room(desk.cache, at_rest, None, []) == D("0.3")  # not its own rival
    desk.leave(0.5, of=first, rests=True)
    assert room(desk.cache, desk.leave(1.0), first.id, []) == 0


@pytest.mark.parametrize(
    ("options", "left"),
    [({}, "0.2"), ({"instrument": ETH}, "0.3"), ({"side": OrderSide.BUY}, "0.3")],
)
def test_an_exit_on_its_way_that_names_no_position_is_taken_off_where_it_could_close_the_same(
    options: dict, left: str
) -> None:
    desk = Desk()
    position = desk.hold(0.3, "P-1")
    assert room(desk.cache, desk.leave(1.0), position.id, [desk.leave(0.1, **options)]) == D(left)


def test_an_exit_of_another_strategy_is_a_rival_only_where_that_one_holds_the_position() -> None:
    desk = Desk()
    desk.hold(0.3, "P-1")
    other = Desk("two-002", desk.cache)
    assert room(desk.cache, desk.leave(1.0), None, [other.leave(0.1)]) == D("0.3")
    theirs = other.hold(0.2, "P-2")
    assert room(desk.cache, desk.leave(1.0), theirs.id, [other.leave(0.1)]) == D("0.1")


def at_a_netting_venue(*held: float, nobodys: float) -> list[Desk]:
    """Return desks that hold so much each, beside a position that reconciliation could give to none of them."""
    desks = [Desk("one-001")]
    desks += [Desk(f"one-{number:03}", desks[0].cache) for number in range(2, len(held) + 1)]
    for desk, size in zip(desks, held, strict=True):
        desk.hold(size, f"P-{desk.make.strategy_id}")
    Desk("EXTERNAL", desks[0].cache).hold(nobodys, f"{BTC.id}-EXTERNAL")
    return desks


@pytest.mark.parametrize(
    ("held", "nobodys", "left"),
    [(0.3, -0.3, "0"), (0.3, -0.1, "0.2"), (0.3, -0.4, "0"), (0.3, 0.1, "0.3"), (-0.3, 0.3, "0"), (-0.3, 0.1, "0.2")],
)
def test_where_a_venue_nets_what_somebody_else_has_closed_of_ours_is_not_closed_once_more(
    held: float, nobodys: float, left: str
) -> None:
    (desk,) = at_a_netting_venue(held, nobodys=nobodys)
    side = OrderSide.SELL if held > 0.0 else OrderSide.BUY
    assert room(desk.cache, desk.leave(1.0, side), None, []) == D(left)
    position = desk.cache.position(PositionId("P-one-001"))
    assert room(desk.cache, desk.leave(1.0, side), position.id, []) == D(left)


def test_a_position_of_nobodys_that_stands_against_ours_is_closed_for_what_ours_are_smaller() -> None:
    (desk,) = at_a_netting_venue(0.3, nobodys=-0.4)
    nobodys = PositionId(f"{BTC.id}-EXTERNAL")
    assert room(desk.cache, desk.leave(1.0, OrderSide.BUY), nobodys, []) == D("0.1")


def test_what_somebody_else_has_closed_of_one_of_two_strategies_leaves_the_rest_to_either_but_once() -> None:
    first, second = at_a_netting_venue(0.3, 0.3, nobodys=-0.3)
    leaving = first.leave(0.3)
    assert room(first.cache, leaving, None, []) == D("0.3")
    assert room(second.cache, second.leave(0.3), None, [leaving]) == 0
    long, short = at_a_netting_venue(0.3, -0.3, nobodys=-0.1)
    assert room(long.cache, long.leave(1.0), None, []) == D("0.2")
    assert room(short.cache, short.leave(1.0, OrderSide.BUY), None, []) == D("0.3")


def test_where_a_venue_keeps_positions_apart_one_of_nobodys_takes_nothing_off_ours() -> None:
    desk = Desk()
    desk.hold(0.3, "P-1")
    Desk("EXTERNAL", desk.cache).hold(-0.3, "theirs")
    assert room(desk.cache, desk.leave(1.0), None, []) == D("0.3")


@pytest.mark.parametrize("options", [{"instrument": ETH}, {"side": OrderSide.BUY}])
def test_where_a_venue_nets_only_an_exit_of_the_same_instrument_and_side_is_taken_off(options: dict) -> None:
    (desk,) = at_a_netting_venue(0.3, nobodys=-0.1)
    entry = desk.make.limit(BTC.id, OrderSide.SELL, BTC.make_qty(0.1), BTC.make_price(50_000.0))
    assert room(desk.cache, desk.leave(1.0), None, [entry, desk.leave(0.1, **options)]) == D("0.2")


def test_what_closes_a_position_of_nobodys_beside_ours_takes_nothing_off_ours() -> None:
    (desk,) = at_a_netting_venue(0.3, nobodys=0.1)
    theirs = Desk("EXTERNAL", desk.cache).leave(0.1)
    assert room(desk.cache, desk.leave(1.0), None, [theirs]) == D("0.3")


SIZES = st.decimals("0.00001", "2", places=5)


@given(st.lists(SIZES, min_size=1, max_size=3), SIZES, st.lists(st.tuples(st.integers(0, 2), SIZES), max_size=6))
def test_whoever_closes_no_more_is_sold_than_the_venue_has(
    held: list[Decimal], nobodys: Decimal, exits: list[tuple[int, Decimal]]
) -> None:
    desks = at_a_netting_venue(*map(float, held), nobodys=-float(nobodys))
    sent: list = []
    for number, size in exits:
        desk = desks[number % len(desks)]
        order = desk.leave(float(size))
        if order.quantity.as_decimal() <= room(desk.cache, order, None, sent):
            sent.append(order)
    assert sum((order.quantity.as_decimal() for order in sent), D(0)) <= max(D(0), sum(held, D(0)) - nobodys)


def test_of_exits_that_leave_together_each_may_close_what_those_before_it_leave() -> None:
    desk = Desk()
    desk.hold(0.3, "P-1")
    first, second, third = desk.leave(0.2), desk.leave(0.2), desk.leave(0.2)
    assert cuts(desk.cache, [first, second], None, []) == (None, [(second, BTC.make_qty(0.1))])
    why, found = cuts(desk.cache, [first, second, third], None, [])
    assert (why, found) == ("reduce_only: 0.2 against 0", [])


def test_an_entry_is_no_rival() -> None:
    desk = Desk()
    desk.hold(0.3, "P-1")
    entry = desk.make.limit(BTC.id, OrderSide.SELL, BTC.make_qty(0.1), BTC.make_price(50_000.0))
    assert room(desk.cache, desk.leave(1.0), None, [entry]) == D("0.3")


def test_with_its_entry_it_may_close_what_that_will_open_and_only_against_it() -> None:
    desk = Desk()
    entry = desk.make.market(BTC.id, OrderSide.BUY, BTC.make_qty(0.4))
    assert room_within(entry, desk.leave(1.0)) == D("0.4")
    assert room_within(entry, desk.leave(1.0, OrderSide.BUY)) == 0


@pytest.mark.parametrize(("size", "why"), [(0.1, None), (0.10001, "reduce_only: 0.10001 against 0.1"), (None, None)])
def test_an_exit_may_ask_for_what_is_open_and_what_it_has_filled(size: float | None, why: str | None) -> None:
    desk = Desk()
    position = desk.hold(0.06, "P-1")  # was 0.1, of which the exit has closed 0.04
    order = desk.leave(0.05, of=position, rests=True, filled_size=0.04)
    assert enlarged(desk.cache, order, None if size is None else BTC.make_qty(size), []) == why


def test_an_exit_that_asks_for_more_than_is_open_may_go_on_asking_for_it() -> None:
    desk = Desk()
    order = desk.leave(0.1, of=desk.hold(0.06, "P-1"), rests=True)
    assert enlarged(desk.cache, order, order.quantity, []) is None


@given(st.decimals("0", "5", places=5), st.lists(st.decimals("0.00001", "2", places=5), max_size=4))
def test_all_exits_together_never_close_more_than_is_open(held: Decimal, exits: list[Decimal]) -> None:
    """Whatever leaves one after the other, each cut to its room, the sum stays within the position."""
    desk = Desk()
    if held:
        desk.hold(float(held), "P-1")
    sent: list = []
    for size in exits:
        order = desk.leave(float(size))
        space = room(desk.cache, order, None, sent)
        if order.quantity.as_decimal() <= space:
            sent.append(order)
    assert sum((order.quantity.as_decimal() for order in sent), D(0)) <= held
