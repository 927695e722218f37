"""The benchmark through SageTrade's whole chain, and plain Nautilus on the same venue with the same orders.

Both are composed from one run configuration as `sagetool backtest` composes it: fill, fee and latency models, and
our analyzer. Each trade is a bracket (market entry, take-profit and stop-loss out of reach); leaving it cancels the
two and sends a market order. That makes 4 orders a trade, of which 2 are cancelled.
"""

import datetime as dt
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from nautilus_trader.backtest.config import BacktestEngineConfig, BacktestRunConfig
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.data import Bar
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from benchmarks.nautilus_case import BAR_SPEC, INSTRUMENT_ID, EmaCrossStrategy, instrument, run_timed
from benchmarks.outcome import Outcome
from benchmarks.workload import START_NS, STARTING_BALANCE, TRADE_SIZE, EmaCross, Workload
from sagetrade_nautilus.config import (
    AggregatorConfig,
    CostConfig,
    DataConfig,
    LimitConfig,
    QuantConfig,
    QuantFeature,
    RunConfig,
    StrategyEntry,
    VenueConfig,
)
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE
from sagetrade_nautilus.run import analyzer
from sagetrade_nautilus.run.backtest import keep_latency, wire
from sagetrade_nautilus.run.compose import compose

HOME = Path(__file__).parent
MINUTES_PER_DAY = 1_440
EXIT_DISTANCE = 0.5
HALF_A_LOT = 0.0005
"""Sizing rounds down to a lot of 0.001: half a lot more always makes `TRADE_SIZE`."""
ANY_LOSSES = 1_000_000
"""The rule loses often on a random walk. The breaker counts those losses, but may not stop one case of the two."""

USUAL = CostConfig()
FREE = CostConfig(maker_fee_bps=0.0, taker_fee_bps=0.0, slippage_bps=0.0, latency_ms=0.0)


class BracketCrossStrategy(EmaCrossStrategy):
    """The EMA cross with the orders that a `SageStrategy` sends, and its settings of Nautilus."""

    def __init__(self, rule: EmaCross) -> None:
        super().__init__(rule, StrategyConfig(oms_type="HEDGING", log_events=False, log_commands=False))

    def enter(self, bar: Bar) -> None:
        pair = self.cache.instrument(INSTRUMENT_ID)
        price = bar.close.as_double()
        orders = self.order_factory.bracket(
            instrument_id=INSTRUMENT_ID,
            order_side=OrderSide.BUY,
            quantity=self._size,
            tp_price=pair.make_price(price * (1.0 + EXIT_DISTANCE)),
            tp_post_only=False,
            sl_trigger_price=pair.make_price(price * (1.0 - EXIT_DISTANCE)),
        )
        self.submit_order_list(orders)

    def leave(self) -> None:
        for position in self.cache.positions_open(instrument_id=INSTRUMENT_ID):
            self.cancel_all_orders(INSTRUMENT_ID)
            self.close_position(position)


def run_config(rule: EmaCross, bars: int, catalog: str, costs: CostConfig = USUAL) -> RunConfig:
    """Return the run of the rule over `bars` bars."""
    start = dt.datetime.fromtimestamp(START_NS / 1e9, dt.UTC).date()
    plugin = StrategyEntry(
        plugin="ema_cross",
        params={
            "start_ns": START_NS + (rule.warmup + 1) * NANOS_PER_MINUTE,
            "quantity": TRADE_SIZE + HALF_A_LOT,
            "balance": STARTING_BALANCE,
            "exit_distance": EXIT_DISTANCE,
        },
    )
    return RunConfig(
        name="benchmark",
        data=DataConfig(
            instruments=[INSTRUMENT_ID.value],
            start=start,
            end=start + dt.timedelta(days=bars // MINUTES_PER_DAY + 1),
            bar=BAR_SPEC,
            catalog=catalog,
            texts=False,
        ),
        strategies=[plugin],
        venue=VenueConfig(starting_balance=STARTING_BALANCE),
        costs=costs,
        limits=LimitConfig(max_losses_in_a_row=ANY_LOSSES),
        quant=QuantConfig(
            features=[QuantFeature(kind="ema_cross", length=rule.fast, slow_length=rule.slow, weight=1.0)]
        ),
        aggregator=AggregatorConfig(quant_weight=1.0, text_weight=0.0),
    )


def composed(config: RunConfig, folder: str) -> BacktestRunConfig:
    """Return the composed run. Its plugin lies in this folder's ``strategies``, as a user's lie in the user's."""
    ParquetDataCatalog(folder).write_data([instrument()])
    with chdir(HOME):
        return compose(config, Path(folder) / "decisions.jsonl")


def sagetrade(bars: Workload, rule: EmaCross, costs: CostConfig = USUAL) -> Outcome:
    """Run the whole chain, as `sagetool backtest` wires it."""
    with TemporaryDirectory() as folder:
        config = run_config(rule, len(bars.ts), folder, costs)
        run = composed(config, folder)
        node = BacktestNode([run])
        wire(node, config)
        return run_timed(node.get_engines()[0], bars, run.end)


def sagetrade_free(bars: Workload, rule: EmaCross) -> Outcome:
    """Run the whole chain on a venue without fees, slippage or latency, as other backtesters are run."""
    return sagetrade(bars, rule, FREE)


def bracket(bars: Workload, rule: EmaCross) -> Outcome:
    """Run plain Nautilus on the chain's venue, with our analyzer."""
    return _plain(bars, rule, listed=True)


def bracket_installed(bars: Workload, rule: EmaCross) -> Outcome:
    """Run plain Nautilus on the chain's venue, with the analyzer that it comes with."""
    return _plain(bars, rule, listed=False)


def _plain(bars: Workload, rule: EmaCross, *, listed: bool) -> Outcome:
    with TemporaryDirectory() as folder:
        config = run_config(rule, len(bars.ts), folder)
        bare = BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
        run = msgspec.structs.replace(composed(config, folder), engine=bare)
        node = BacktestNode([run])
        node.build()
        (engine,) = node.get_engines()
        if listed:
            analyzer.install(engine.portfolio)
        keep_latency(engine, config)
        engine.add_strategy(BracketCrossStrategy(rule))
        return run_timed(engine, bars, run.end)
