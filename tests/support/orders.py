"""Orders and positions in whatever state a test needs, and a cache that knows them."""

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OmsType, OrderSide
from nautilus_trader.model.identifiers import PositionId, StrategyId, TraderId
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from catalog.instruments import instrument_for

BTC, ETH = (instrument_for(name) for name in ("BTCUSDT.BINANCE", "ETHUSDT.BINANCE"))
PRICE = 40_000.0
TRADER = TraderId("TESTER-000")


def factory(strategy: str = "one-001") -> OrderFactory:
    """Return what makes a strategy's orders."""
    return OrderFactory(TRADER, StrategyId(strategy), TestClock())


def accepted(order: Order) -> Order:
    """Return `order` as the venue has it at rest."""
    order.apply(TestEventStubs.order_submitted(order))
    order.apply(TestEventStubs.order_accepted(order))
    return order


def filled(order: Order, size: float | None = None, position_id: PositionId | None = None) -> Order:
    """Return `order` after `size` of it, or all, was filled."""
    instrument = BTC if order.instrument_id == BTC.id else ETH
    quantity = order.leaves_qty if size is None else instrument.make_qty(size)
    order.apply(
        TestEventStubs.order_filled(
            order, instrument, position_id=position_id, last_qty=quantity, last_px=instrument.make_price(PRICE)
        )
    )
    return order


class Desk:
    """One strategy's orders and positions in a cache."""

    def __init__(self, strategy: str = "one-001", cache: Cache | None = None) -> None:
        self.cache = cache or Cache()
        self.make = factory(strategy)
        for instrument in (BTC, ETH):
            self.cache.add_instrument(instrument)

    def hold(self, size: float, name: str, instrument=BTC) -> Position:
        """Open a position, short where `size` is negative."""
        side = OrderSide.BUY if size > 0.0 else OrderSide.SELL
        order = accepted(self.make.market(instrument.id, side, instrument.make_qty(abs(size))))
        self.cache.add_order(order, PositionId(name))
        filled(order, position_id=PositionId(name))
        position = Position(instrument, order.last_event)
        self.cache.add_position(position, OmsType.HEDGING)
        self.cache.update_order(order)
        return position

    def leave(
        self, size: float, side: OrderSide = OrderSide.SELL, *, of: Position | None = None, instrument=BTC,
        rests: bool = False, filled_size: float = 0.0,
    ) -> Order:  # fmt: skip
        """Make a limit order that only reduces; one that `rests` is known to the cache, for position `of` if given."""
        order = self.make.limit(
            instrument.id, side, instrument.make_qty(size), instrument.make_price(PRICE * 1.1), reduce_only=True
        )
        if rests:
            accepted(order)
            self.cache.add_order(order, of.id if of is not None else None)
            if filled_size:
                filled(order, filled_size, of.id if of is not None else None)
            self.cache.update_order(order)
        return order
