"""Two backtests that differ in nothing but the analyzer end with the same statistics."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Venue
from nautilus_trader.model.objects import Money, Price
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.run.analyzer import ListAnalyzer, install

VENUE = Venue("BINANCE")
INSTRUMENT_ID = InstrumentId.from_str("BTCUSDT.BINANCE")
BAR_TYPE = BarType.from_str(f"{INSTRUMENT_ID}-1-HOUR-LAST-EXTERNAL")
HOUR_NS = 3_600_000_000_000
BARS = 600


class Flipper(Strategy):
    """Turns its position round at random bars, the same in every run."""

    def __init__(self) -> None:
        super().__init__()
        self._random = np.random.default_rng(11)

    def on_start(self):
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, _):
        if self._random.random() > 0.3:
            return
        side = OrderSide.BUY if self._random.random() < 0.5 else OrderSide.SELL
        quantity = self.cache.instrument(INSTRUMENT_ID).make_qty(0.1)
        self.close_all_positions(INSTRUMENT_ID)
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, side, quantity))


def bars() -> list[Bar]:
    walk = np.random.default_rng(3)
    made, price = [], 30_000.0
    instrument = TestInstrumentProvider.btcusdt_binance()
    volume = instrument.make_qty(10)
    for number in range(1, BARS + 1):
        price = round(price * (1 + walk.normal(0, 0.004)), 2)
        level = Price(price, 2)
        made.append(Bar(BAR_TYPE, level, level, level, level, volume, number * HOUR_NS, number * HOUR_NS))
    return made


def backtest(oms_type: OmsType, base_currency, *, listed: bool) -> BacktestEngine:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=VENUE,
        oms_type=oms_type,
        account_type=AccountType.MARGIN,
        base_currency=base_currency,
        starting_balances=[Money(1_000_000, USDT)],
        default_leverage=Decimal(1),
    )
    engine.add_instrument(TestInstrumentProvider.btcusdt_binance())
    engine.add_data(bars())
    engine.add_strategy(Flipper())
    if listed:
        install(engine.portfolio)
    engine.run()
    return engine


def answers(engine: BacktestEngine) -> dict[str, object]:
    analyzer = engine.portfolio.analyzer
    result = engine.get_result()
    names = [name for name in dir(analyzer) if name.startswith(("get_performance_stats", "get_stats"))]
    names.remove("get_performance_stats_returns_vs_benchmark")
    benchmark = analyzer.returns() * 0.5
    return {
        **{name: repr(getattr(analyzer, name)()) for name in names},
        "vs_benchmark": repr(analyzer.get_performance_stats_returns_vs_benchmark(benchmark)),
        "stats_pnls": repr(result.stats_pnls),
        "stats_returns": repr(result.stats_returns),
        "totals": (result.total_orders, result.total_positions, result.total_events),
    }


@pytest.mark.parametrize("oms_type", [OmsType.HEDGING, OmsType.NETTING])
@pytest.mark.parametrize("base_currency", [USDT, None])
def test_a_backtest_ends_with_the_statistics_of_nautilus_own_analyzer(oms_type, base_currency):
    plain = backtest(oms_type, base_currency, listed=False)
    listed = backtest(oms_type, base_currency, listed=True)
    assert isinstance(listed.portfolio.analyzer, ListAnalyzer)
    assert answers(listed) == answers(plain)
    for name in ("returns", "position_returns", "portfolio_returns", "realized_pnls"):
        expected, actual = (getattr(engine.portfolio.analyzer, name)() for engine in (plain, listed))
        assert len(actual) > 20
        pd.testing.assert_series_equal(actual, expected, check_exact=True)


def test_the_analyzer_survives_a_reset_of_the_engine():
    engine = backtest(OmsType.NETTING, USDT, listed=True)
    first = answers(engine)["stats_pnls"]
    engine.reset()
    assert engine.portfolio.analyzer.realized_pnls() is None
    assert isinstance(engine.portfolio.analyzer, ListAnalyzer)
    engine.clear_strategies()
    engine.add_strategy(Flipper())
    engine.run()
    assert answers(engine)["stats_pnls"] == first
