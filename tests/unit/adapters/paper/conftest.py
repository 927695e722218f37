"""A real simulated exchange, fed with a few hand-made bars and a scripted trader."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from types import SimpleNamespace

import pytest
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from adapters.paper.fills import DepthFillModel, FillContextModule

MINUTE_NS = 60_000_000_000
VENUE = Venue("SIM")
INSTRUMENT_ID = InstrumentId(Symbol("BTCUSDT"), VENUE)
BAR_TYPE = BarType.from_str(f"{INSTRUMENT_ID}-1-MINUTE-LAST-EXTERNAL")


def instrument(maker_fee: str = "0.0002", taker_fee: str = "0.001") -> CurrencyPair:
    return CurrencyPair(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=Currency.from_str("BTC"),
        quote_currency=USDT,
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
        maker_fee=Decimal(maker_fee),
        taker_fee=Decimal(taker_fee),
        ts_event=0,
        ts_init=0,
    )


def bar(number: int, open_: float, high: float, low: float, close: float, *, volume: float = 40.0) -> Bar:
    """The bar that closes at minute `number`."""
    prices = (Price(value, 2) for value in (open_, high, low, close))
    ts = number * MINUTE_NS
    return Bar(BAR_TYPE, *prices, Quantity(volume, 3), ts, ts)


def flat(number: int, price: float = 100.0) -> Bar:
    return bar(number, price, price, price, price)


class ScriptedTrader(Strategy):
    """Calls ``script[n](self)`` at the close of its n-th bar (from 1) and keeps every order event.

    A script may also name an event class, whose every event it answers.
    """

    def __init__(self, script: dict[int | str, Callable]):
        super().__init__()
        self.script = script
        self.bars_seen = 0
        self.events: list = []
        self.instrument = None

    def on_start(self):
        self.instrument = self.cache.instrument(INSTRUMENT_ID)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, _):
        self.bars_seen += 1
        action = self.script.get(self.bars_seen)
        if action is not None:
            action(self)

    def on_order_event(self, event):
        self.events.append(event)
        answer = self.script.get(type(event).__name__)
        if answer is not None:
            answer(self)

    def market(self, side: OrderSide, quantity: float, **order) -> None:
        made = self.instrument.make_qty(quantity)
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, side, made, **order))

    def limit(self, side: OrderSide, quantity: float, price: float, **order) -> None:
        made, limit = self.instrument.make_qty(quantity), self.instrument.make_price(price)
        self.submit_order(self.order_factory.limit(INSTRUMENT_ID, side, made, limit, **order))

    def bracket(self, side: OrderSide, quantity: float, tp: float, sl: float, **order) -> None:
        self.submit_order_list(
            self.order_factory.bracket(
                INSTRUMENT_ID,
                side,
                self.instrument.make_qty(quantity),
                tp_price=self.instrument.make_price(tp),
                tp_post_only=False,
                sl_trigger_price=self.instrument.make_price(sl),
                **order,
            )
        )

    def cancel_everything(self) -> None:
        for order in self.cache.orders_open():
            self.cancel_order(order)

    def events_of(self, name: str) -> list:
        return [event for event in self.events if type(event).__name__ == name]

    @property
    def fills(self) -> list[tuple[float, float, int]]:
        """(price, quantity, moment) of every fill."""
        return [(float(e.last_px), float(e.last_qty), e.ts_event) for e in self.events_of("OrderFilled")]


def simulate(bars: Sequence, script: dict[int | str, Callable], prepare=None, end_ns=None, **venue) -> ScriptedTrader:
    """Run `script` over `bars`; `prepare(engine, trader)` may add to the engine before the run."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    if isinstance(venue.get("fill_model"), DepthFillModel):
        venue.setdefault("modules", [FillContextModule()])
    settings = {
        "oms_type": OmsType.HEDGING,
        "default_leverage": Decimal(1),
        "account_type": AccountType.MARGIN,
        **venue,
    }
    engine.add_venue(venue=VENUE, base_currency=USDT, starting_balances=[Money(1_000_000, USDT)], **settings)
    engine.add_instrument(instrument())
    engine.add_data(list(bars))
    trader = ScriptedTrader(script)
    engine.add_strategy(trader)
    if prepare is not None:
        prepare(engine, trader)
    engine.run(end=end_ns)
    trader.final_orders = engine.cache.orders()
    trader.final_positions = engine.cache.positions()
    engine.dispose()
    return trader


@pytest.fixture(scope="session")
def sim() -> SimpleNamespace:
    """The exchange and its bars."""
    return SimpleNamespace(
        simulate=simulate, bar=bar, flat=flat, instrument=instrument, minute_ns=MINUTE_NS, venue=VENUE
    )
