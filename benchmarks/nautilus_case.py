"""The benchmark in plain Nautilus: an empty strategy, and an EMA cross that is always in the market."""

import time
from decimal import Decimal

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from benchmarks.outcome import Outcome
from benchmarks.workload import STARTING_BALANCE, TRADE_SIZE, EmaCross, Workload
from sagetrade_nautilus.run.analyzer import install

VENUE = Venue("BINANCE")
INSTRUMENT_ID = InstrumentId(Symbol("BTCUSDT"), VENUE)
BAR_TYPE = BarType.from_str(f"{INSTRUMENT_ID}-1-MINUTE-LAST-EXTERNAL")


class EmptyStrategy(Strategy):
    """Hears every bar and does nothing."""

    decisions: tuple[tuple[int, int], ...] = ()

    def on_start(self) -> None:
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        pass


class EmaCrossStrategy(Strategy):
    """Holds one unit long while the fast average is above the slow one, and one unit short otherwise.

    At a cross it closes what it holds and opens the other side: two market orders.
    """

    def __init__(self, rule: EmaCross) -> None:
        super().__init__()
        self._fast = ExponentialMovingAverage(rule.fast)
        self._slow = ExponentialMovingAverage(rule.slow)
        self._bars = 0
        self._warmup = rule.warmup
        self._side = 0
        self._size = Quantity(TRADE_SIZE, 3)
        self.decisions: list[tuple[int, int]] = []

    def on_start(self) -> None:
        self.register_indicator_for_bars(BAR_TYPE, self._fast)
        self.register_indicator_for_bars(BAR_TYPE, self._slow)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        self._bars += 1
        if self._bars <= self._warmup:
            return
        side = 1 if self._fast.value > self._slow.value else -1
        if side == self._side:
            return
        self.decisions.append((self._bars, side))
        order_side = OrderSide.BUY if side > 0 else OrderSide.SELL
        for position in self.cache.positions_open(instrument_id=INSTRUMENT_ID):
            closing = self.order_factory.market(INSTRUMENT_ID, order_side, position.quantity, reduce_only=True)
            self.submit_order(closing, position_id=position.id)
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, order_side, self._size))
        self._side = side


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
    engine.add_data(nautilus_bars(bars))
    strategy = EmptyStrategy() if rule is None else EmaCrossStrategy(rule)
    engine.add_strategy(strategy)
    if listed:
        install(engine.portfolio)
    wall, cpu = time.perf_counter(), time.process_time()
    engine.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    orders = engine.cache.orders()
    balance = engine.portfolio.account(VENUE).balance_total(USDT).as_double()
    return Outcome(
        wall_s=wall,
        cpu_s=cpu,
        orders=len(orders),
        unfilled=sum(not order.is_closed for order in orders),
        decisions=list(strategy.decisions),
        balance=balance + _open_pnl(engine, bars),
    )


def _open_pnl(engine: BacktestEngine, bars: Workload) -> float:
    last = instrument().make_price(bars.close[-1])
    open_positions = engine.cache.positions_open()
    return float(sum(position.unrealized_pnl(last).as_double() for position in open_positions))


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
