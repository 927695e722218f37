"""A strategy that does what a test says at a given bar or trade, and what tests have it do."""

from collections.abc import Callable
from typing import Any

from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.data import Bar, BarType, TradeTick
from nautilus_trader.model.enums import OrderSide, TriggerType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import LimitConfig
from tests.support.engine import BTC

TIGHT = LimitConfig(max_symbol_exposure_pct=10.0, price_collar_pct=90.0, max_order_notional_pct=1000.0)
LOSABLE = LimitConfig(
    max_symbol_exposure_pct=90.0, max_daily_loss_pct=3.0, price_collar_pct=90.0, max_order_notional_pct=1000.0
)
INSTRUMENT = InstrumentId.from_str(BTC)
type Act = Callable[["Scripted"], Any]
type Script = dict[int, Act]


class Scripted(Strategy):
    """Does what the test says at a given bar."""

    def __init__(self, script: Script) -> None:
        super().__init__(StrategyConfig(strategy_id="scripted", order_id_tag="001"))
        self.script = script
        self.count = 0
        self.events: list[Any] = []

    def on_start(self) -> None:
        self.subscribe_bars(BarType.from_str(f"{BTC}-5-MINUTE-LAST-EXTERNAL"))
        self.subscribe_trade_ticks(INSTRUMENT)

    def on_trade_tick(self, tick: TradeTick) -> None:
        self.step()

    def on_bar(self, bar: Bar) -> None:
        self.step()

    def step(self) -> None:
        self.count += 1
        if self.count in self.script:
            self.script[self.count](self)

    def on_order_event(self, event: Any) -> None:
        self.events.append(event)

    def qty(self, size: float) -> Any:
        return self.cache.instrument(INSTRUMENT).make_qty(size)

    def price(self, value: float) -> Any:
        return self.cache.instrument(INSTRUMENT).make_price(value)

    def market(self, size: float, side: OrderSide = OrderSide.BUY, **options: Any) -> None:
        self.submit_order(self.order_factory.market(INSTRUMENT, side, self.qty(size), **options))


def large_market(strategy: Scripted) -> None:
    strategy.market(1.0)


def large_limit(strategy: Scripted) -> None:
    order = strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(1.0), strategy.price(40_000.0))
    strategy.submit_order(order)


def large_emulated_stop(strategy: Scripted) -> None:
    order = strategy.order_factory.stop_market(
        INSTRUMENT,
        OrderSide.BUY,
        strategy.qty(1.0),
        strategy.price(40_100.0),
        emulation_trigger=TriggerType.LAST_PRICE,
    )
    strategy.submit_order(order)


def large_bracket(strategy: Scripted) -> None:
    orders = strategy.order_factory.bracket(
        INSTRUMENT,
        OrderSide.BUY,
        strategy.qty(1.0),
        tp_price=strategy.price(41_000.0),
        sl_trigger_price=strategy.price(39_000.0),
    )
    strategy.submit_order_list(orders)


def rest(size: float, price: float = 30_000.0) -> Act:
    def act(strategy: Scripted) -> None:
        limit = strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(size), strategy.price(price))
        strategy.submit_order(limit)

    return act


def buy(size: float) -> Act:
    return lambda strategy: strategy.market(size)


def closing(size: float, side: OrderSide = OrderSide.SELL, of: int = 0) -> Act:
    """Return what closes `size` of the position that was opened as number `of`."""

    def act(strategy: Scripted) -> None:
        position = sorted(strategy.cache.positions_open(), key=lambda found: found.ts_opened)[of]
        order = strategy.order_factory.market(INSTRUMENT, side, strategy.qty(size), reduce_only=True)
        strategy.submit_order(order, position_id=position.id)

    return act


def resting_exit(of: int = 0) -> Act:
    def act(strategy: Scripted) -> None:
        position = sorted(strategy.cache.positions_open(), key=lambda found: found.ts_opened)[of]
        order = strategy.order_factory.limit(
            INSTRUMENT, OrderSide.SELL, position.quantity, strategy.price(50_000.0), reduce_only=True
        )
        strategy.submit_order(order, position_id=position.id)

    return act
