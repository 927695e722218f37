"""The benchmark in plain Nautilus: an empty strategy, and an EMA cross with one market order each way."""

import time
from decimal import Decimal

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide, OrderType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from benchmarks.outcome import Outcome
from benchmarks.workload import STARTING_BALANCE, TRADE_SIZE, EmaCross, Workload, bar_number
from sagetrade_nautilus.run.analyzer import install

VENUE = Venue("BINANCE")
INSTRUMENT_ID = InstrumentId(Symbol("BTCUSDT"), VENUE)
BAR_SPEC = "1-MINUTE-LAST"
BAR_TYPE = BarType.from_str(f"{INSTRUMENT_ID}-{BAR_SPEC}-EXTERNAL")


class EmptyStrategy(Strategy):
    """Hears every bar and does nothing."""

    def on_start(self) -> None:
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        pass


class EmaCrossStrategy(Strategy):
    """Buys where the fast average crosses above the slow one, and sells where it crosses below."""

    def __init__(self, rule: EmaCross, config: StrategyConfig | None = None) -> None:
        super().__init__(config)
        self._fast = ExponentialMovingAverage(rule.fast)
        self._slow = ExponentialMovingAverage(rule.slow)
        self._bars = 0
        self._warmup = rule.warmup
        self._above = False
        self._size = Quantity(TRADE_SIZE, 3)

    def on_start(self) -> None:
        self.register_indicator_for_bars(BAR_TYPE, self._fast)
        self.register_indicator_for_bars(BAR_TYPE, self._slow)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        self._bars += 1
        above = self._fast.value > self._slow.value
        if above == self._above:
            return
        self._above = above
        if self._bars <= self._warmup:
            return
        if above:
            self.enter(bar)
        else:
            self.leave()

    def enter(self, bar: Bar) -> None:
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, OrderSide.BUY, self._size))

    def leave(self) -> None:
        for position in self.cache.positions_open(instrument_id=INSTRUMENT_ID):
            closing = self.order_factory.market(INSTRUMENT_ID, OrderSide.SELL, position.quantity, reduce_only=True)
            self.submit_order(closing, position_id=position.id)


def instrument() -> CurrencyPair:
    """Return the traded pair, free of fees so that all engines must end with the same balance."""
    return CurrencyPair(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=Currency.from_str("BTC"),
        quote_currency=USDT,
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        ts_event=0,
        ts_init=0,
    )


def nautilus_bars(bars: Workload) -> list[Bar]:
    """Return the columns as Nautilus bars."""
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.ts, bars.ts)
    made: list[Bar] = Bar.from_raw_arrays_to_list(BAR_TYPE, 2, 3, *columns)
    return made


def run_timed(engine: BacktestEngine, bars: Workload, end_ns: str | int | None = None) -> Outcome:
    """Run `engine` over the bars, and on to `end_ns` (UNIX nanoseconds) where that is given."""
    engine.add_data(nautilus_bars(bars))
    wall, cpu = time.perf_counter(), time.process_time()
    engine.run(end=end_ns)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    orders = engine.cache.orders()
    markets = [order for order in orders if order.order_type == OrderType.MARKET]
    balance = engine.portfolio.account(VENUE).balance_total(USDT).as_double()
    return Outcome(
        wall_s=wall,
        cpu_s=cpu,
        orders=len(orders),
        unfilled=sum(order.leaves_qty.as_double() > 0.0 for order in markets),
        decisions=sorted((bar_number(order.ts_init), 1 if order.side == OrderSide.BUY else -1) for order in markets),
        balance=balance + _open_pnl(engine, bars),
    )


def _open_pnl(engine: BacktestEngine, bars: Workload) -> float:
    last = instrument().make_price(bars.close[-1])
    open_positions = engine.cache.positions_open()
    return float(sum(position.unrealized_pnl(last).as_double() for position in open_positions))


def run_nautilus(
    bars: Workload, rule: EmaCross | None, *, oms_type: OmsType = OmsType.HEDGING, listed: bool = False
) -> Outcome:
    """Run the rule, or nothing where `rule` is missing; `listed` puts our analyzer in place of Nautilus's."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=VENUE,
        oms_type=oms_type,
        account_type=AccountType.MARGIN,
        base_currency=USDT,
        starting_balances=[Money(STARTING_BALANCE, USDT)],
        default_leverage=Decimal(1),
    )
    engine.add_instrument(instrument())
    engine.add_strategy(EmptyStrategy() if rule is None else EmaCrossStrategy(rule))
    if listed:
        install(engine.portfolio)
    return run_timed(engine, bars)


def empty(bars: Workload, _rule: EmaCross) -> Outcome:
    return run_nautilus(bars, None)


def plain_hedging(bars: Workload, rule: EmaCross) -> Outcome:
    return run_nautilus(bars, rule)


def plain_netting(bars: Workload, rule: EmaCross) -> Outcome:
    return run_nautilus(bars, rule, oms_type=OmsType.NETTING)


def listed_hedging(bars: Workload, rule: EmaCross) -> Outcome:
    return run_nautilus(bars, rule, listed=True)


def listed_netting(bars: Workload, rule: EmaCross) -> Outcome:
    return run_nautilus(bars, rule, oms_type=OmsType.NETTING, listed=True)
