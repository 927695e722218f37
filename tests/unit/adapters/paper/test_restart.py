"""A death of the paper venue, at whatever moment, leaves it as it was."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder, SubmitOrderList
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.objects import Price, Quantity

from sagetrade_nautilus.errors import StateError
from sagetrade_nautilus.execution.order_store import OrderStore
from tests.support.paper_desk import BTC, BUY, SELL, STRATEGY, TRADER, PaperDesk


def test_an_id_that_was_taken_is_never_taken_again(tmp_path: Path) -> None:
    desk = PaperDesk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    order = desk.market(BUY, 1.0)
    for _ in range(3):
        desk.send(order)
        desk.arrive()
        desk.die()
        desk.bar(100.0)
    assert desk.books()["held"] == [("1.00000", 100.01, "-0.10001000 USDT")]


def test_what_travels_at_death_arrives_in_the_next_life(tmp_path: Path) -> None:
    desk = PaperDesk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    resting, gone = desk.limit(BUY, 1.0, 90.0), desk.limit(BUY, 1.0, 91.0)
    desk.send(gone)
    desk.arrive()
    desk.send(resting)
    desk.cancel(gone)
    desk.die()
    assert desk.status(gone) == OrderStatus.ACCEPTED
    assert desk.status(resting) == OrderStatus.SUBMITTED
    desk.arrive()
    assert desk.status(gone) == OrderStatus.CANCELED
    assert desk.status(resting) == OrderStatus.ACCEPTED


def test_a_market_order_waits_for_the_first_price_of_a_new_life(tmp_path: Path) -> None:
    desk = PaperDesk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    desk.die()
    order = desk.market(BUY, 1.0)
    desk.send(order)
    desk.arrive()
    assert desk.status(order) == OrderStatus.SUBMITTED
    desk.die()
    desk.arrive()
    desk.bar(120.0)
    assert desk.status(order) == OrderStatus.FILLED
    assert desk.books()["held"] == [("1.00000", 120.02, "-0.12002000 USDT")]


def test_a_cancel_of_an_order_that_never_came_leaves_no_half_of_an_order_behind(tmp_path: Path) -> None:
    """A node that dies while it sends an order may remember it and cancel it in its next life."""
    desk = PaperDesk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    lost = desk.limit(BUY, 1.0, 90.0)
    desk.cancel(lost)
    desk.arrive()
    assert desk.names() == ["OrderCancelRejected"]
    desk.die()
    assert desk.store is not None
    assert desk.store.order(lost.client_order_id) is None


def test_an_exit_changed_before_its_entry_fills_keeps_the_change(tmp_path: Path) -> None:
    desk = PaperDesk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    orders = desk.factory.bracket(
        BTC.id, BUY, Quantity(1, 5), tp_price=Price(110, 2), sl_trigger_price=Price(90, 2), tp_post_only=False,
        entry_order_type=2, entry_price=Price(99, 2),
    )  # fmt: skip
    desk.send(SubmitOrderList(TRADER, STRATEGY, orders, UUID4(), desk.now))
    desk.arrive()
    stop = next(order for order in orders.orders if order.has_trigger_price)
    change = ModifyOrder(
        TRADER, STRATEGY, BTC.id, stop.client_order_id, None, None, None, Price(95, 2), UUID4(), desk.now
    )  # fmt: skip
    desk.send(change)
    desk.arrive()
    desk.die()
    desk.bar(100.0, 100.0, 98.0, 98.0)
    desk.bar(98.0, 98.0, 94.0, 94.0)
    assert desk.status(stop) == OrderStatus.FILLED


def test_what_fails_between_is_as_if_it_had_never_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails after the fills and before they count: the next life knows the position with its exits."""
    desk = PaperDesk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    desk.bracket(BUY, 1.0, 110.0, 95.0)
    desk.arrive()
    before, told = desk.books(), len(desk.told)

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(OrderStore, "_keep_state", fail)
    with pytest.raises(StateError, match="the disk is gone"):
        desk.bar(100.0, 100.0, 94.0, 94.0)
    monkeypatch.undo()
    assert len(desk.told) == told
    desk.die()
    assert desk.books() == before
    desk.bar(100.0, 100.0, 94.0, 94.0)
    assert desk.books()["held"] == []


def test_one_process_holds_the_file(tmp_path: Path) -> None:
    desk = PaperDesk(tmp_path / "paper.sqlite")
    with pytest.raises(StateError, match="another process may hold the file"):
        OrderStore(tmp_path / "paper.sqlite")
    assert desk.store is not None
    desk.store.close()
    OrderStore(tmp_path / "paper.sqlite").close()
    assert os.stat(tmp_path / "paper.sqlite").st_mode & 0o077 == 0


def test_a_damaged_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "paper.sqlite").write_bytes(b"nonsense" * 1000)
    with pytest.raises(StateError, match="move it away"):
        OrderStore(tmp_path / "paper.sqlite")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["market", "limit", "bracket", "cancel", "none"]),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 5),
        st.integers(-8, 8),
        st.booleans(),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=25)
@given(steps=STEPS, oms_type=st.sampled_from(["HEDGING", "NETTING"]))
def test_a_venue_that_dies_again_and_again_ends_like_one_that_does_not(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any], oms_type: str
) -> None:
    """Whatever was sent, and whenever it died: the same orders, positions and balance."""
    mortal = PaperDesk(tmp_path_factory.mktemp("venue") / "paper.sqlite", oms_type=oms_type)
    immortal = PaperDesk(oms_type=oms_type)
    for desk in (mortal, immortal):
        price, sent = 100.0, []
        for kind, side, size, move, dies in steps:
            price = max(price + move, 50.0)
            desk.bar(price - move, max(price, price - move) + 1, min(price, price - move) - 1, price)
            sign = 1 if side == BUY else -1
            if kind == "market":
                desk.send(desk.market(side, size))
            elif kind == "limit":
                sent.append(desk.limit(side, size, price - 3 * sign))
                desk.send(sent[-1])
            elif kind == "bracket":
                sent += desk.bracket(side, size, price + 6 * sign, price - 4 * sign)
            elif kind == "cancel" and sent:
                desk.cancel(sent[size % len(sent)])
            desk.arrive()
            if dies and desk is mortal:
                desk.die()
    assert mortal.store is not None
    mortal.store.close()
    assert mortal.books() == immortal.books()
