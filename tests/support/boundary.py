"""Orders at, one step below and one step above each threshold, in a real engine, with the verdict that each must get.

What must happen is worked out here in decimals, from the definition of the limit and not from its code. Each case is
run on a cash and on a margin account, at the guarded account's venue and at another one, buying and (on margin)
selling.
"""

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import NamedTuple

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import BacktestEngineConfig, ImportableControllerConfig, LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide, OrderStatus
from nautilus_trader.model.identifiers import InstrumentId, Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.trading.strategy import Strategy

from catalog.instruments import Definition, instrument_for
from sagetrade_nautilus.config import LimitConfig
from tests.support.engine import bars

HOME, AWAY = "BTCUSDT.BINANCE", "BTCUSDT.ELSEWHERE"
PRICE, EQUITY = Decimal(40_000), Decimal(100_000)
TICK, STEP = Decimal("0.01"), Decimal("0.00001")
STEPS = (-1, 0, 1)
DEFINITION = Definition(price_precision=2, size_precision=5, quote="USDT", min_notional="5")
WIDE: dict[str, object] = {
    "max_order_notional_pct": 9_000.0,
    "max_exposure_pct": 9_000.0,
    "max_net_exposure_pct": 9_000.0,
    "max_symbol_exposure_pct": 9_000.0,
    "max_cluster_exposure_pct": 9_000.0,
    "price_collar_pct": 10.0,
    "max_price_age_s": 9_000.0,
}


class Order(NamedTuple):
    """A limit order, and whether it may leave."""

    side: OrderSide
    quantity: Decimal
    price: Decimal
    may_leave: bool


class Case(NamedTuple):
    """One threshold: its name, the limits of the run, what leaves before, and the orders around it."""

    limit: str
    account: AccountType
    instrument: str
    limits: LimitConfig
    before: tuple[Order, ...]
    orders: tuple[Order, ...]

    @property
    def name(self) -> str:
        return f"{self.limit}-{self.account.name.lower()}-{self.instrument.split('.')[1].lower()}"


class Verdict(NamedTuple):
    """What became of one order of a case."""

    case: Case
    order: Order
    left: bool

    @property
    def is_wrong(self) -> bool:
        return self.left is not self.order.may_leave


def cases() -> Iterator[Case]:
    """Return every case."""
    for account in (AccountType.CASH, AccountType.MARGIN):
        for instrument in (HOME, AWAY):
            for limit, limits, before, orders in _thresholds(instrument, sells=account == AccountType.MARGIN):
                yield Case(limit, account, instrument, LimitConfig(**{**WIDE, **limits}), before, orders)  # type: ignore[arg-type]


def _thresholds(
    instrument: str, *, sells: bool
) -> Iterator[tuple[str, dict[str, object], tuple[Order, ...], tuple[Order, ...]]]:
    sides = (OrderSide.BUY, OrderSide.SELL) if sells else (OrderSide.BUY,)
    half = Order(OrderSide.BUY, Decimal("0.5"), PRICE - 2_000, may_leave=True)
    held = half.quantity * PRICE
    yield (
        "max_order_quantity",
        {"max_order_quantity": {instrument: 1.0}},
        (),
        _sizes(sides, Decimal(1) * PRICE, one=True),
    )
    for name, most in (("max_order_notional", Decimal(45_000)), ("max_order_notional", Decimal("33333.33"))):
        yield name, {name: float(most)}, (), _sizes(sides, most)
    yield "max_order_notional_pct", {"max_order_notional_pct": 50.0}, (), _sizes(sides, EQUITY / 2)
    buys = (OrderSide.BUY,)
    for name in ("max_symbol_exposure_pct", "max_cluster_exposure_pct", "max_exposure_pct"):
        yield name, {name: 60.0}, (half,), _sizes(sides, EQUITY * 6 / 10 - held)
    yield "max_net_exposure_pct", {"max_net_exposure_pct": 60.0}, (half,), _sizes(buys, EQUITY * 6 / 10 - held)
    yield "max_open_trades", {"max_open_trades": 1}, (), (_small(may_leave=True),)
    yield "max_open_trades", {"max_open_trades": 1}, (half,), (_small(may_leave=False),)
    yield "price_collar_pct", {}, (), tuple(_prices(sells=sells))


def _sizes(sides: tuple[OrderSide, ...], most: Decimal, *, one: bool = False) -> tuple[Order, ...]:
    """Return orders whose notional is just below, at or just above `most`; with `one` their size counts alone."""
    orders = []
    for side in sides:
        price = PRICE - 2_000 if side == OrderSide.BUY else PRICE + 2_000
        counted = PRICE if one else max(PRICE, price)
        largest = (most / counted / STEP).to_integral_value(ROUND_FLOOR)
        orders += [
            Order(side, (largest + step) * STEP, price, (largest + step) * STEP * counted <= most) for step in STEPS
        ]
    return tuple(orders)


def _prices(*, sells: bool) -> Iterator[Order]:
    low, high = PRICE * 9 / 10, PRICE * 11 / 10
    for step in STEPS:
        price = low + step * TICK
        yield Order(OrderSide.BUY, Decimal("0.1"), price, price >= low)
        if sells:
            price = high + step * TICK
            yield Order(OrderSide.SELL, Decimal("0.1"), price, price <= high)


def _small(*, may_leave: bool) -> Order:
    return Order(OrderSide.BUY, Decimal("0.01"), PRICE - 2_000, may_leave)


class _Prober(Strategy):
    """Sends one order a bar, after what is to rest before it, and cancels all at the next bar."""

    def __init__(self, case: Case) -> None:
        super().__init__(StrategyConfig(strategy_id="prober", order_id_tag="001"))
        self._case = case
        self._instrument_id = InstrumentId.from_str(case.instrument)
        self._bar = 0
        self.sent: list[tuple[Order, object]] = []

    def on_start(self) -> None:
        self.subscribe_bars(BarType.from_str(f"{self._case.instrument}-5-MINUTE-LAST-EXTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        number, is_first = divmod(self._bar, 2)
        self._bar += 1
        if is_first or number >= len(self._case.orders):
            self.cancel_all_orders(self._instrument_id)
            return
        for order in self._case.before:
            self._send(order)
        order = self._case.orders[number]
        self.sent.append((order, self._send(order)))

    def _send(self, order: Order) -> object:
        instrument = self.cache.instrument(self._instrument_id)
        quantity, price = instrument.make_qty(order.quantity), instrument.make_price(order.price)
        made = self.order_factory.limit(self._instrument_id, order.side, quantity, price)
        self.submit_order(made)
        return made


def probe(case: Case, folder: Path) -> list[Verdict]:
    """Run a case, and return what became of each of its orders."""
    controller = ImportableControllerConfig(
        controller_path="sagetrade_nautilus.guard.controller:Guard",
        config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
        config={"limits": case.limits, "journal": str(folder / f"{case.name}.jsonl")},
    )
    engine = BacktestEngine(
        BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), controller=controller, run_analysis=False)
    )
    for name in (HOME, AWAY):
        venue = Venue(name.split(".")[1])
        base = USDT if case.account == AccountType.MARGIN else None
        engine.add_venue(venue, OmsType.HEDGING, case.account, [Money(EQUITY, USDT)], base)
        engine.add_instrument(instrument_for(name, DEFINITION))
    engine.add_data(bars([float(PRICE)] * (2 * len(case.orders) + 1), case.instrument, DEFINITION))
    prober = _Prober(case)
    engine.add_strategy(prober)
    engine.run()
    made = [(order, engine.cache.order(sent.client_order_id)) for order, sent in prober.sent]  # type: ignore[attr-defined]
    verdicts = [Verdict(case, order, sent.status == OrderStatus.CANCELED) for order, sent in made]
    assert all(sent.status in (OrderStatus.CANCELED, OrderStatus.DENIED) for _, sent in made)
    engine.dispose()
    return verdicts
