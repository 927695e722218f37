"""What may only be reduced: where a position of nobody's counts."""

from decimal import Decimal

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import OmsType, OrderSide, TimeInForce
from nautilus_trader.model.identifiers import PositionId, StrategyId, TraderId
from nautilus_trader.model.objects import Money, Price
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from sagetrade_nautilus.guard.gate.reduction import room
from sagetrade_nautilus.guard.owners import Owners
from sagetrade_nautilus.sizes import exact
from tests.support.alpaca_assets import BTC

OURS, NOBODY = StrategyId("one-001"), StrategyId("EXTERNAL")


def hold(cache: Cache, strategy_id: StrategyId, size: str, side: OrderSide) -> Position:
    factory = OrderFactory(TraderId("T-1"), strategy_id, TestClock())
    order = factory.market(BTC.id, side, exact(Decimal(size), 9), time_in_force=TimeInForce.GTC)
    name = PositionId(f"{BTC.id}-{strategy_id}")
    fill = TestEventStubs.order_filled(
        order, BTC, position_id=name, last_px=Price.from_str("50000.00"), commission=Money(0, USD)
    )
    position = Position(BTC, fill)
    cache.add_order(order, name)
    cache.add_position(position, OmsType.HEDGING)
    return position


@pytest.mark.parametrize(
    ("size", "barred", "left"),
    [("0.0001", {BTC.id.value}, "0.4999"), ("0.00002", set(), "0.5"), ("0.000000001", set(), "0.5")],
)
def test_so_few_coins_of_nobodys_that_no_order_could_trade_them_bar_nothing_and_cut_no_stop(
    size: str, barred: set[str], left: str
) -> None:
    """Who sells by hand all that is there sells what rounding had left, too, and that our books do not have."""
    cache = Cache()
    cache.add_instrument(BTC)
    hold(cache, NOBODY, size, OrderSide.SELL)
    mine = hold(cache, OURS, "0.5", OrderSide.BUY)
    owners = Owners(cache, lambda: [OURS], None, None, lambda: None)  # type: ignore[arg-type]
    assert owners.reduce_only() == barred
    factory = OrderFactory(TraderId("T-1"), OURS, TestClock())
    stop = factory.market(BTC.id, OrderSide.SELL, mine.quantity, reduce_only=True)
    assert room(cache, stop, mine.id, []) == Decimal(left)
