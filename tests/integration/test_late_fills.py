"""Fills in a live engine that Nautilus would book where they do not belong.

One whose position is closed already opens one of its own, and ends nothing. One of somebody else's, in what we hold,
reduces our position.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import LiquiditySide, OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import AccountId, StrategyId, TradeId, VenueOrderId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from tests.support.queued import BTC, Stand

ACCOUNT = AccountId("BINANCE-001")


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.host.end()


def closed_beside(stand: Stand) -> tuple[Position, Order]:
    """Return a position that is closed, and an order to sell it that still rests."""
    stand.send(BTC, 0.1)
    stand.flow()
    program, cache = stand.node.programs[0], stand.node.cache
    (position,) = cache.positions_open(instrument_id=BTC)
    market = cache.instrument(BTC)
    far = market.make_price(position.avg_px_open * 1.01)
    resting = program.order_factory.limit(BTC, OrderSide.SELL, market.make_qty(0.1), far)
    program.submit_order(resting, position_id=position.id)
    stand.flow()
    stand.send(BTC, 0.1, OrderSide.SELL, leave=True)
    stand.flow()
    assert position.is_closed
    return position, resting


def fill(stand: Stand, order: Order, size: float, name: str) -> None:
    now, market = stand.node.now(), stand.node.cache.instrument(BTC)
    quantity = market.make_qty(size)
    price = order.price if order.has_price else market.make_price(order.avg_px)
    event = OrderFilled(
        order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, order.venue_order_id,
        order.account_id, TradeId(name), None, order.side, order.order_type, quantity, price, USDT,
        Money(0, USDT), LiquiditySide.TAKER, UUID4(), now, now,
    )  # fmt: skip
    stand.node.engine.process(event)
    stand.flow()


def test_what_is_filled_beside_the_close_is_a_position_of_its_own(stand: Stand) -> None:
    first, resting = closed_beside(stand)
    fill(stand, resting, 0.04, "one")
    fill(stand, resting, 0.06, "two")
    (found,) = stand.node.cache.positions_open(instrument_id=BTC)
    assert found.id != first.id
    assert (found.strategy_id, found.signed_qty) == (first.strategy_id, pytest.approx(-0.1))
    assert first.is_closed


def test_a_trade_whose_name_another_order_has_used_is_booked_all_the_same(stand: Stand) -> None:
    first, resting = closed_beside(stand)
    fill(stand, resting, 0.04, first.last_trade_id.value)
    (found,) = stand.node.cache.positions_open(instrument_id=BTC)
    assert found.signed_qty == pytest.approx(-0.04)


def test_what_was_booked_before_opens_nothing(stand: Stand) -> None:
    first, _ = closed_beside(stand)
    close = stand.node.cache.order(first.closing_order_id)
    fill(stand, close, 0.1, first.last_trade_id.value)
    assert stand.node.cache.positions_open(instrument_id=BTC) == []
    assert stand.node.cache.position_id(close.client_order_id) == first.id


def of_somebody_else(stand: Stand, size: float, tag: str = "VENUE") -> Order:
    """Return an order that sells, found at the venue, as Nautilus makes it."""
    market = stand.node.cache.instrument(BTC)
    factory = OrderFactory(stand.node.programs[0].trader_id, StrategyId("EXTERNAL"), stand.node.programs[0].clock)
    order = factory.limit(BTC, OrderSide.SELL, market.make_qty(size), market.make_price(1.0), tags=[tag])
    order.apply(TestEventStubs.order_submitted(order, ACCOUNT))
    order.apply(TestEventStubs.order_accepted(order, ACCOUNT, VenueOrderId("hand")))
    stand.node.cache.add_order(order)
    return order


def held(stand: Stand) -> dict[str, float]:
    """Return what is open of the strategies' and of nobody's."""
    found = stand.node.cache.positions_open(instrument_id=BTC)
    return {position.strategy_id.value: round(position.signed_qty, 9) for position in found}


def test_what_somebody_else_sells_of_ours_is_sold_and_journaled(stand: Stand) -> None:
    stand.send(BTC, 0.1)
    stand.flow()
    (mine,) = held(stand)
    order = of_somebody_else(stand, 0.1)
    fill(stand, order, 0.04, "one")
    assert held(stand) == {mine: 0.06}
    fill(stand, order, 0.06, "two")
    assert held(stand) == {}
    lines = [line for line in read(stand.world.journal) if isinstance(line, StateRecord)]
    notes = [line for line in lines if line.subject == f"by_hand:{BTC}"]
    assert [note.state.split(" of ")[0] for note in notes] == ["sold 0.04000", "sold 0.06000"]


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ([0.15], {"EXTERNAL": -0.05}),
        ([0.06, 0.09], {"EXTERNAL": -0.05}),
        ([0.1, 0.05], {"EXTERNAL": -0.05}),
        ([0.04, 0.05], {"mine": 0.01}),
    ],
)
def test_what_somebody_else_sells_beyond_what_we_hold_is_his_own_and_turns_no_position_of_ours_round(
    stand: Stand, parts: list[float], left: dict[str, float]
) -> None:
    stand.send(BTC, 0.1)
    stand.flow()
    (mine,) = held(stand)
    order = of_somebody_else(stand, 0.15)
    for number, part in enumerate(parts):
        fill(stand, order, part, f"part {number}")
    assert held(stand) == {mine if name == "mine" else name: size for name, size in left.items()}
    assert order.filled_qty.as_double() == pytest.approx(sum(parts), abs=1e-5)


def test_what_somebody_else_sells_of_two_strategies_reduces_the_older_position_first(stand: Stand) -> None:
    first, second = stand.node.programs[:2]
    for program in (first, second):
        size = stand.node.cache.instrument(BTC).make_qty(0.1)
        program.submit_order(program.order_factory.market(BTC, OrderSide.BUY, size))
        stand.flow()
    order = of_somebody_else(stand, 0.15)
    fill(stand, order, 0.15, "one")
    (left,) = held(stand).values()
    assert left == pytest.approx(0.05)
    assert order.is_closed


def test_what_nautilus_makes_up_itself_sells_nothing_of_ours(stand: Stand) -> None:
    stand.send(BTC, 0.1)
    stand.flow()
    (mine,) = held(stand)
    fill(stand, of_somebody_else(stand, 0.1, "RECONCILIATION"), 0.1, "one")
    assert held(stand) == {mine: 0.1, "EXTERNAL": -0.1}
