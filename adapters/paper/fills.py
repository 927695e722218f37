"""What an order costs on Nautilus's simulated exchange when bars move the market.

Nautilus knows one price at a time then, so bid, ask and last are the same. `DepthFillModel` sets a ladder of
prices round it. What NautilusTrader 1.231 does with such a ladder, each point seen in a run:

- An empty answer to a market order means the best price for nothing, so a ladder holds at least one lot.
- What a ladder leaves of a market or stop order trades one tick beyond the last level. Only an ``IOC`` or
  ``FOK`` order keeps a rest unfilled, and it is cancelled. A ladder for any other order therefore ends in one
  more level that takes all of the rest.
- Cancelling the rest of a bracket's entry cancels its stop-loss and take-profit too, with the position open:
  enter with ``GTC``, or send the protection after the fill.
- What a ladder leaves of a limit order that takes liquidity trades one tick beyond the last level, through
  its limit. A ladder for such an order holds all of it, and no price beyond the limit.
- A limit order at the best price itself gets nothing from its ladder. It rests, and Nautilus logs the error
  "no fills from book when fills were expected", which is harmless. With ``IOC`` it would stay open for later
  bars, so that alone fills at the best price.
- When a bar triggers a stop, the best price is that bar's low or high. The stop trades at its trigger or,
  where the bar opened beyond it, at the open: `FillContextModule` shows the model the bar. Without the module
  it trades at that low or high, the worst there is.
"""

import random
from decimal import Decimal

from nautilus_trader.backtest.config import SimulationModuleConfig
from nautilus_trader.backtest.engine import SimulatedExchange
from nautilus_trader.backtest.models import FillModel
from nautilus_trader.backtest.modules import SimulationModule
from nautilus_trader.common.component import Logger
from nautilus_trader.config import NautilusConfig, NonNegativeFloat, PositiveFloat, PositiveInt
from nautilus_trader.core.data import Data
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.data import Bar, BookOrder
from nautilus_trader.model.enums import BookType, LiquiditySide, OrderSide, OrderType, TimeInForce
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order

from sagetrade_nautilus import sizes
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.ticks import on_tick

type Levels = dict[Decimal, Decimal]
"""Quantity by price, best price first."""

BASIS_POINT = Decimal("0.0001")
ZERO = Decimal(0)
_STOPS = frozenset({OrderType.STOP_MARKET, OrderType.TRAILING_STOP_MARKET})
_LIMITS = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.TRAILING_STOP_LIMIT})
_IMMEDIATE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


class DepthFillModelConfig(NautilusConfig, frozen=True):
    """Configuration of `DepthFillModel`.

    Parameters
    ----------
    slippage_bps : float
        What every level costs beyond the one before it, in basis points of the best price, >= 0. The first
        level is one step away from the best price.
    depth : float
        The notional that stands at each level, in quote currency, > 0.
    depth_levels : int
        How many levels there are, > 0.
    """

    slippage_bps: NonNegativeFloat = 1.0
    depth: PositiveFloat = 250_000.0
    depth_levels: PositiveInt = 5


class DepthFillModel(FillModel):
    """Fills that pay slippage and get worse with size. Deterministic.

    Prices are rounded to the tick against the order. A limit order that rests is filled at its limit, whole
    and without slippage, when the market trades through it. A touch is not enough: others stand in front.
    """

    def __init__(self, config: DepthFillModelConfig) -> None:
        state = random.getstate()
        super().__init__(prob_fill_on_limit=0.0, prob_slippage=0.0)
        random.setstate(state)  # which Nautilus seeds for all: a plugin's own would look repeatable, or not be it
        self.shown: Data | None = None
        """What moves the market now, as `FillContextModule` shows it."""
        step = Decimal(str(config.slippage_bps)) * BASIS_POINT
        self._offsets = [step * level for level in range(1, config.depth_levels + 1)]
        self._rest_offset = step * (config.depth_levels + 1)
        self._depth = Decimal(str(config.depth))

    def get_orderbook_for_fill_simulation(
        self, instrument: Instrument, order: Order, best_bid: Price, best_ask: Price
    ) -> OrderBook:
        """Return the liquidity that `order` meets, on the side that it trades with."""
        best = best_ask if order.side == OrderSide.BUY else best_bid
        if order.liquidity_side == LiquiditySide.MAKER:
            levels = {order.price.as_decimal(): order.leaves_qty.as_decimal()}
        elif order.order_type in _LIMITS:
            levels = self._marketable(instrument, order, best)
        else:
            levels = self._ladder(instrument, order, self._reference(instrument, order, best))
        return _book(instrument, order.side, levels)

    def _reference(self, instrument: Instrument, order: Order, best: Price) -> Decimal:
        """Return the price that slippage is counted from."""
        if order.order_type == OrderType.MARKET_IF_TOUCHED:
            touched: Decimal = order.trigger_price.as_decimal()
            return touched
        best_price: Decimal = best.as_decimal()
        bar = self.shown
        resting_stop = order.order_type in _STOPS and order.is_open
        if not (resting_stop and isinstance(bar, Bar) and bar.bar_type.instrument_id == instrument.id):
            return best_price
        trigger: Decimal = order.trigger_price.as_decimal()
        opened: Decimal = bar.open.as_decimal()
        if order.side == OrderSide.BUY:
            return min(max(trigger, opened), best_price)
        return max(min(trigger, opened), best_price)

    def _ladder(self, instrument: Instrument, order: Order, reference: Decimal) -> Levels:
        """Return quantity by price: as many levels as `order` needs, best first."""
        buying = order.side == OrderSide.BUY
        tick = instrument.price_increment.as_decimal()
        lot = instrument.size_increment.as_decimal()
        left = order.leaves_qty.as_decimal()
        levels: Levels = {}
        for offset in self._offsets:
            price = _worse(reference, offset, tick, buying)
            quantity = min(left, max(self._depth / price // lot * lot, lot))
            levels[price] = levels.get(price, ZERO) + quantity
            left -= quantity
            if not left:
                return levels
        if order.time_in_force not in _IMMEDIATE:
            price = _worse(reference, self._rest_offset, tick, buying)
            levels[price] = levels.get(price, ZERO) + left
        return levels

    def _marketable(self, instrument: Instrument, order: Order, best: Price) -> Levels:
        """Return the ladder of a limit order that takes liquidity, with nothing beyond its limit."""
        ladder = self._ladder(instrument, order, best.as_decimal())
        if order.price == best and order.time_in_force != TimeInForce.IOC:
            return ladder
        limit = order.price.as_decimal()
        held_at_limit = min if order.side == OrderSide.BUY else max
        levels: Levels = {}
        for price, quantity in ladder.items():
            held = held_at_limit(price, limit)
            levels[held] = levels.get(held, ZERO) + quantity
        return levels


def _worse(reference: Decimal, offset: Decimal, tick: Decimal, buying: bool) -> Decimal:
    """Return `reference` moved by the share `offset` against the order, on a tick and above zero."""
    return on_tick(reference * (1 + offset if buying else 1 - offset), tick, up=buying)


def _book(instrument: Instrument, side: OrderSide, levels: Levels) -> OrderBook:
    book = OrderBook(instrument.id, BookType.L2_MBP)
    opposite = OrderSide.SELL if side == OrderSide.BUY else OrderSide.BUY
    for order_id, (price, quantity) in enumerate(levels.items(), start=1):
        size = sizes.exact(quantity, instrument.size_precision)
        level = BookOrder(opposite, instrument.make_price(price), size, order_id)
        book.add(level, 0, 0)
    return book


class FillContextModuleConfig(SimulationModuleConfig, frozen=True):
    """Configuration of `FillContextModule`; it needs none."""


class FillContextModule(SimulationModule):
    """Shows the venue's `DepthFillModel` every datum before the exchange processes it.

    Raises
    ------
    ConfigError
        The venue has another fill model.
    """

    def __init__(self, config: FillContextModuleConfig | None = None) -> None:
        super().__init__(config or FillContextModuleConfig())
        self._model: DepthFillModel | None = None

    def register_venue(self, exchange: SimulatedExchange) -> None:
        super().register_venue(exchange)
        model = exchange.fill_model
        if not isinstance(model, DepthFillModel):
            raise ConfigError(
                f"venue {exchange.id}: FillContextModule needs a DepthFillModel as fill_model, "
                f"got {type(model).__name__}"
            )
        self._model = model

    def pre_process(self, data: Data) -> None:
        self._model.shown = data  # type: ignore[union-attr]

    def process(self, ts_now: int) -> None:
        """Do nothing between data."""

    def log_diagnostics(self, logger: Logger) -> None:
        """Log nothing."""

    def reset(self) -> None:
        """Forget the last datum."""
        self._model.shown = None  # type: ignore[union-attr]
