"""A fill whose position is closed already opens one of its own in a live engine, and ends nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import LiquiditySide, OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from tests.support.queued import BTC, Stand


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
