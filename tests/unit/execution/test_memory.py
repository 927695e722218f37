"""What a node makes of orders that another life of it had made, and of which no more is known."""

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OrderSide, OrderStatus, TriggerType
from nautilus_trader.model.identifiers import InstrumentId, StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.execution.memory import assume_sent
from tests.support.engine import BTC


@pytest.fixture
def factory() -> OrderFactory:
    return OrderFactory(TraderId("TESTER-001"), StrategyId("eager-001"), TestClock())


def _in_a_cache(order: Order) -> Cache:
    cache = Cache()
    cache.add_order(order)
    return cache


def test_an_order_that_was_only_made_counts_as_sent(factory: OrderFactory) -> None:
    order = factory.market(InstrumentId.from_str(BTC), OrderSide.SELL, Quantity.from_str("1"))
    cache = _in_a_cache(order)
    (event,) = assume_sent(cache, 7)
    assert (event.client_order_id, event.ts_event) == (order.client_order_id, 7)
    assert cache.orders_inflight() == [order]
    assert order.status == OrderStatus.SUBMITTED
    assert assume_sent(cache, 8) == []


def test_an_order_that_waits_in_the_emulator_does_not(factory: OrderFactory) -> None:
    order = factory.limit(
        InstrumentId.from_str(BTC),
        OrderSide.SELL,
        Quantity.from_str("1"),
        Price.from_str("9"),
        emulation_trigger=TriggerType.LAST_PRICE,
    )
    assert assume_sent(_in_a_cache(order), 7) == []
    assert order.status == OrderStatus.INITIALIZED
