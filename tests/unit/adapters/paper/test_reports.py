"""What the paper venue says of positions is what Nautilus has: else a restart makes up what is missing."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import OmsType, OrderSide, TimeInForce
from nautilus_trader.model.identifiers import PositionId, StrategyId, TraderId
from nautilus_trader.model.objects import Money, Price
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from adapters.paper import reports
from sagetrade_nautilus.sizes import exact
from tests.support.alpaca_assets import ACCOUNT, SHIB


@example(Decimal("2264476754.358063221"), OmsType.HEDGING)
@given(st.integers(1, 10**19).map(lambda steps: Decimal(steps).scaleb(-9)), st.sampled_from(list(OmsType)[1:]))
def test_a_position_of_any_size_is_told_as_it_is(size: Decimal, oms_type: OmsType) -> None:
    factory = OrderFactory(TraderId("T-1"), StrategyId("S-1"), TestClock())
    order = factory.market(SHIB.id, OrderSide.BUY, exact(size, 9), time_in_force=TimeInForce.GTC)
    price = Price.from_str("0.000010000")
    fill = TestEventStubs.order_filled(
        order, SHIB, position_id=PositionId("P-1"), last_px=price, commission=Money(0, USD)
    )
    position = Position(SHIB, fill)
    (report,) = reports.position_reports([position], SHIB, oms_type, ACCOUNT, 5)
    assert report.signed_decimal_qty == position.signed_decimal_qty()
