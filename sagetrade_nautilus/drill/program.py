"""A random trading program: what careless strategies do, right and wrong."""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from random import Random

from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.enums import OrderSide, TriggerType
from nautilus_trader.model.events import OrderDenied, OrderEvent
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import MarketOrder, Order
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.drill.plan import Manners
from sagetrade_nautilus.drill.venue import EXTERNAL
from sagetrade_nautilus.prices import Prices

USUAL_NOTIONALS = (500.0, 2_000.0, 8_000.0, 15_000.0, 40_000.0)
HUGE_NOTIONALS = (60_000.0, 250_000.0, 5_000_000.0)
LOOP_LENGTH = 14


class ProgramConfig(StrategyConfig, frozen=True, kw_only=True):
    """A program's part of the drill.

    Parameters
    ----------
    symbols : tuple[str, ...]
        The instrument ids that it trades.
    inherits : tuple[str, ...]
        Those whose positions it looks after that were there before the process.
    """

    symbols: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()


class Program(Strategy):
    """Does one random thing at a time.

    Parameters
    ----------
    rng : Random
        What it draws from.
    manners : Manners
        What it does beyond the ordinary.
    """

    def __init__(self, config: ProgramConfig, rng: Random, manners: Manners) -> None:
        super().__init__(config)
        self._manners = manners
        self._rng = rng
        self._again: Callable[[], object] | None = None
        self.actions: tuple[tuple[int, Callable[[InstrumentId], str]], ...] = (
            (12, self._enter),
            (6, self._rest),
            (3, self._enter_on_a_stop),
            (4 if manners.brackets else 0, self._bracket),
            (4, self._emulate),
            (8, self._close),
            (5, self._reduce_some),
            (4, self._reduce_too_much),
            (3, self._reduce_the_wrong_way),
            (5, self._change),
            (5, self._cancel_one),
            (2, self._cancel_all),
            (3, self._enter_hugely),
            (2, self._loop),
            (2, self._repeat_an_id),
            (2, self._insist),
        )

    def act(self) -> str:
        """Do one thing, and return what it was."""
        symbol = InstrumentId.from_str(self._rng.choice(self.config.symbols))
        weights = [weight for weight, _ in self.actions]
        _, action = self._rng.choices(self.actions, weights)[0]
        return f"{action.__name__.strip('_')} {symbol}: {action(symbol)}"

    def on_order_event(self, event: OrderEvent) -> None:
        """Send a denied order again at once, as a naive strategy does, if it was told to insist."""
        if isinstance(event, OrderDenied) and self._again is not None:
            again, self._again = self._again, None
            again()

    # Entries

    def _enter(self, symbol: InstrumentId) -> str:
        return self._market(symbol, self._rng.choice(USUAL_NOTIONALS))

    def _enter_hugely(self, symbol: InstrumentId) -> str:
        return self._market(symbol, self._rng.choice(HUGE_NOTIONALS))

    def _market(self, symbol: InstrumentId, notional: float) -> str:
        size, side = self._size(symbol, notional), self._side()
        if size is None or not self._may_enter(symbol, side):
            return "nothing"
        return self._send(self.order_factory.market(symbol, side, size))

    def _rest(self, symbol: InstrumentId) -> str:
        size, side = self._size(symbol, self._rng.choice(USUAL_NOTIONALS)), self._side()
        if size is None or not self._may_enter(symbol, side):
            return "nothing"
        return self._send(self.order_factory.limit(symbol, side, size, self._near(symbol, 0.15)))

    def _enter_on_a_stop(self, symbol: InstrumentId) -> str:
        size, side = self._size(symbol, self._rng.choice(USUAL_NOTIONALS)), self._side()
        if size is None or not self._may_enter(symbol, side):
            return "nothing"
        return self._send(self.order_factory.stop_market(symbol, side, size, self._near(symbol, 0.02)))

    def _emulate(self, symbol: InstrumentId) -> str:
        size, side = self._size(symbol, self._rng.choice((*USUAL_NOTIONALS, HUGE_NOTIONALS[0]))), self._side()
        if size is None or not self._may_enter(symbol, side):
            return "nothing"
        trigger = self._near(symbol, 0.01)
        return self._send(
            self.order_factory.stop_market(symbol, side, size, trigger, emulation_trigger=TriggerType.LAST_PRICE)
        )

    def _bracket(self, symbol: InstrumentId) -> str:
        size, side = self._size(symbol, self._rng.choice(USUAL_NOTIONALS)), self._side()
        if size is None or not self._may_enter(symbol, side):
            return "nothing"
        price = self._last(symbol) or 0.0
        up, down = price * (1.0 + self._rng.uniform(0.002, 0.03)), price * (1.0 - self._rng.uniform(0.002, 0.03))
        profit, loss = (up, down) if side == OrderSide.BUY else (down, up)
        orders = self.order_factory.bracket(
            symbol,
            side,
            size,
            tp_price=self._price(symbol, profit),
            tp_post_only=False,
            sl_trigger_price=self._price(symbol, loss),
        )
        self.submit_order_list(orders)
        return f"{size} {side.name}"

    def _loop(self, symbol: InstrumentId) -> str:
        said = [self._market(symbol, 300.0 + number) for number in range(LOOP_LENGTH)]
        return f"{len(said)} orders"

    def _insist(self, symbol: InstrumentId) -> str:
        notional = self._rng.choice(HUGE_NOTIONALS)
        self._again = lambda: self._market(symbol, notional)
        return self._market(symbol, notional)

    def _repeat_an_id(self, symbol: InstrumentId) -> str:
        size = self._size(symbol, USUAL_NOTIONALS[0])
        orders = self.cache.orders(strategy_id=self.id)
        old = [order for order in orders if order.is_closed or self._manners.repeats_open_ids]
        names = (order.client_order_id.value for order in old)
        known = sorted(name for name in names if name.startswith("O-"))  # reconciliation's own are random
        if size is None or not known:
            return "nothing"
        name = self._rng.choice(known)
        made = self.order_factory.market(symbol, self._side(), size)
        again = MarketOrder(
            trader_id=made.trader_id,
            strategy_id=made.strategy_id,
            instrument_id=symbol,
            client_order_id=ClientOrderId(name),
            order_side=made.side,
            quantity=size,
            init_id=made.init_id,
            ts_init=made.ts_init,
        )
        return self._send(again)

    # Exits

    def _close(self, symbol: InstrumentId) -> str:
        position = self._position(symbol)
        return "nothing" if position is None else self._reduce(position, position.quantity)

    def _reduce_some(self, symbol: InstrumentId) -> str:
        position = self._position(symbol)
        if position is None:
            return "nothing"
        return self._reduce(position, self._scaled(symbol, position.quantity, f"0.{self._rng.randint(1, 9)}"))

    def _reduce_too_much(self, symbol: InstrumentId) -> str:
        position = self._position(symbol)
        if position is None:
            return "nothing"
        return self._reduce(position, self._scaled(symbol, position.quantity, self._rng.choice(("1.1", "2", "10"))))

    def _reduce_the_wrong_way(self, symbol: InstrumentId) -> str:
        size = self._size(symbol, self._rng.choice(USUAL_NOTIONALS))
        has_one = self.config.oms_type == "HEDGING" and self._position(symbol) is not None
        if size is None or (has_one and not self._manners.names_no_position):
            return "nothing"
        return self._send(self.order_factory.market(symbol, self._side(), size, reduce_only=True))

    def _reduce(self, position: Position, size: Quantity) -> str:
        side = OrderSide.SELL if position.is_long else OrderSide.BUY
        order = self.order_factory.market(position.instrument_id, side, size, reduce_only=True)
        return self._send(order, position)

    # Changes

    def _change(self, symbol: InstrumentId) -> str:
        orders = self._open_orders(symbol)
        if not orders or self._last(symbol) is None:
            return "nothing"
        order = self._rng.choice(orders)
        factor = self._rng.choice(("0.5", "1.5", "3", "30"))
        size = self._scaled(symbol, order.quantity, factor)
        price = self._near(symbol, 0.05) if order.has_price and self._rng.random() < 0.5 else None
        self.modify_order(order, quantity=size, price=price)
        return f"{order.client_order_id} to {size} at {price}"

    def _cancel_one(self, symbol: InstrumentId) -> str:
        orders = self._open_orders(symbol)
        if not orders:
            return "nothing"
        order = self._rng.choice(orders)
        self.cancel_order(order)
        return str(order.client_order_id)

    def _cancel_all(self, symbol: InstrumentId) -> str:
        self.cancel_all_orders(symbol)
        return "all"

    # Odds and ends

    def _send(self, order: Order, position: Position | None = None) -> str:
        hedging = self.config.oms_type == "HEDGING"
        self.submit_order(order, position_id=position.id if position is not None and hedging else None)
        return f"{order.client_order_id} {order.side.name} {order.quantity}"

    def _may_enter(self, symbol: InstrumentId, side: OrderSide) -> bool:
        """Return whether its manners let it enter."""
        asked = {"instrument_id": symbol, "strategy_id": self.id}
        orders = [order for order in self.cache.orders(**asked) if not order.is_closed]
        positions = self.cache.positions_open(**asked)
        if self.config.oms_type == "HEDGING":  # positions are kept apart, and the house has one at a time
            return not positions and all(order.is_reduce_only for order in orders)
        opposed = any(position.is_long == (side == OrderSide.SELL) for position in positions)
        opposed = opposed or any(order.side != side or order.is_reduce_only for order in orders)
        return not opposed

    def _position(self, symbol: InstrumentId) -> Position | None:
        """Return a position that it may close."""
        found = self.cache.positions_open(instrument_id=symbol)
        mine = [position for position in found if self._manners.trespasses or self._looks_after(position)]
        return self._rng.choice(sorted(mine, key=lambda position: position.id.value)) if mine else None

    def _looks_after(self, position: Position) -> bool:
        inherited = position.strategy_id.value == EXTERNAL and position.instrument_id.value in self.config.inherits
        return inherited or position.strategy_id == self.id

    def _open_orders(self, symbol: InstrumentId) -> list[Order]:
        found = self.cache.orders_open(instrument_id=symbol, strategy_id=self.id)
        return sorted(found, key=lambda order: order.client_order_id.value)

    def _side(self) -> OrderSide:
        return OrderSide.BUY if self._rng.random() < 0.5 else OrderSide.SELL

    def _scaled(self, symbol: InstrumentId, size: Quantity, factor: str) -> Quantity:
        """Return `size` times `factor` on the instrument's step, at least one step."""
        instrument = self.cache.instrument(symbol)
        step = instrument.size_increment.as_decimal()
        return instrument.make_qty(max(step, size.as_decimal() * Decimal(factor) // step * step))

    def _size(self, symbol: InstrumentId, notional: float) -> Quantity | None:
        price = self._last(symbol)
        if price is None or price <= 0.0:
            return None
        size = self.cache.instrument(symbol).make_qty(notional / price, round_down=True)
        return None if size == 0 else size

    def _near(self, symbol: InstrumentId, share: float) -> Price:
        price = self._last(symbol) or 1.0
        return self._price(symbol, price * (1.0 + self._rng.uniform(-share, share)))

    def _last(self, symbol: InstrumentId) -> float | None:
        price = Prices(self.cache, self.clock.timestamp_ns()).last(symbol)
        return price if isfinite(price) else None

    def _price(self, symbol: InstrumentId, value: float) -> Price:
        return self.cache.instrument(symbol).make_price(max(value, 0.01))
