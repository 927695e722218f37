"""Coins at a venue that lets a position have one exit, in a real engine, as Alpaca's provider defines them."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import BacktestEngineConfig, ImportableControllerConfig, LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide, OrderStatus
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money

from adapters.alpaca import parsing, schemas
from adapters.paper.fees import BpsFeeModel, BpsFeeModelConfig
from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.execution.algorithm import MicroTrader
from sagetrade_nautilus.guard.journal.journal import check, read
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.decision import Decision
from tests.support.alpaca_server import market
from tests.support.engine import MINUTE, SECOND, START, wake_on_arrival
from tests.support.plugin import Manager, Plugin, config, decision
from tests.support.signals import SignalFeed

COIN = "BTC/USD.ALPACA"
PRICE = 50_000.0
MS = 1_000_000
DECIDED = 300
"""The first bar's close, in seconds, at which the plugin decides."""


def pair() -> Instrument:
    """Return the instrument as Alpaca's provider makes it."""
    return parsing.instrument(msgspec.convert(market.asset("BTC/USD"), schemas.Asset), fractional=False, ts=0)


def bar(number: int, low: float, high: float, close: float, opened: float = PRICE) -> Bar:
    """Return the bar of five minutes that closes `number` bars after the start."""
    coin, ts = pair(), START + number * 5 * MINUTE
    prices = (coin.make_price(price) for price in (opened, high, low, close))
    return Bar(BarType.from_str(f"{COIN}-5-MINUTE-LAST-EXTERNAL"), *prices, coin.make_qty(1_000), ts, ts)


def flat(count: int, first: int = 1) -> list[Bar]:
    return [bar(number, PRICE, PRICE, PRICE) for number in range(first, first + count)]


def quote(second: float, bid: float, size: float = 50.0) -> QuoteTick:
    """Return a quote whose ask is a dollar above its bid."""
    coin, ts = pair(), START + round(second * SECOND)
    prices = (coin.make_price(bid), coin.make_price(bid + 1.0))
    return QuoteTick(coin.id, *prices, coin.make_qty(size), coin.make_qty(size), ts, ts)


class Watched:
    """Looks after every event at what is on sale and at what is held, and how long coins went without a stop."""

    def __init__(self, made: BacktestEngine) -> None:
        self._made = made
        self.most_over = 0.0
        self.stops_max = 0
        self.bare_since: int | None = None
        self.longest_bare_ns = 0
        for topic in ("events.order.*", "events.position.*"):
            made.kernel.msgbus.subscribe(topic=topic, handler=self._look)

    def _look(self, event: Any) -> None:
        cache, now = self._made.cache, self._made.kernel.clock.timestamp_ns()
        held = sum(position.signed_qty for position in cache.positions_open())
        sales = [order for order in (*cache.orders_open(), *cache.orders_inflight()) if order.side == OrderSide.SELL]
        sales = list({order.client_order_id: order for order in sales}.values())
        self.most_over = max(self.most_over, sum(order.leaves_qty.as_double() for order in sales) - held, -held)
        stops = [order for order in sales if order.has_trigger_price]
        self.stops_max = max(self.stops_max, len(stops))
        covered = sum(order.leaves_qty.as_double() for order in stops if order.is_open) >= held - 1e-12
        if held > 0.0 and not covered:
            self.bare_since = now if self.bare_since is None else self.bare_since
        elif self.bare_since is not None:
            self.longest_bare_ns = max(self.longest_bare_ns, now - self.bare_since)
            self.bare_since = None


class Played:
    """What a run left behind, as plain values."""

    def __init__(self, made: BacktestEngine, watched: Watched, folder: Path) -> None:
        orders = made.cache.orders()
        self.watched = watched
        self.kinds = [(order.tags[1].split(":")[0], order.order_type.name, order.status.name) for order in orders]
        self.count = Counter(order.tags[1] for order in orders)
        self.filled = {order.tags[1]: order.avg_px for order in orders if order.status == OrderStatus.FILLED}
        self.stops = [
            (order.trigger_price.as_double(), order.price.as_double(), order.quantity.as_double(), order.is_reduce_only)
            for order in orders
            if order.has_trigger_price
        ]
        self.open = [position.signed_qty for position in made.cache.positions_open()]
        made.dispose()
        self.journal = (folder / "decisions.jsonl").read_bytes()
        assert check(folder / "decisions.jsonl").fault is None
        self.decisions = [line for line in read(folder / "decisions.jsonl") if isinstance(line, DecisionRecord)]


def play(
    folder: Path,
    data: Sequence[Any],
    answer: Callable[[CompositeSignal], Decision] = decision,
    *,
    execution: ExecutionConfig | None = None,
    latency_ns: int = 50 * MS,
    scores: dict[int, float] | None = None,
    at: dict[float, Callable[[Any], None]] | None = None,
    manage: Any = None,
    latch: Path | None = None,
    slippage_bps: float = 1.0,
    limits: LimitConfig | None = None,
    depth: float = 1e9,
) -> tuple[Played, Any]:
    """Run a plugin on these data; `at` says what else happens, and when (seconds)."""
    folder.mkdir(exist_ok=True)
    made = coin_engine(folder, latency_ns, latch, slippage_bps, limits or LimitConfig(price_collar_pct=50.0), depth)
    made.add_data(sorted(data, key=lambda item: item.ts_init))
    made.add_actor(SignalFeed(scores or {1: 0.8}, COIN))
    execution = execution or ExecutionConfig()
    if execution.style == "micro":
        made.add_exec_algorithm(MicroTrader())
    settings = config(execution=execution, instruments=[COIN], currency="USD")
    plugin = Plugin(settings, answer) if manage is None else Manager(settings, answer, manage)
    made.add_strategy(plugin)
    watched = Watched(made)
    for second, deed in (at or {}).items():
        due = START + round(second * 1_000) * MS
        made.kernel.clock.set_time_alert_ns(f"at-{second}", due, lambda event, run=deed: run(made))
    made.run()
    return Played(made, watched, folder), plugin


def coin_engine(
    folder: Path, latency_ns: int, latch: Path | None, slippage_bps: float, limits: LimitConfig, depth: float
) -> BacktestEngine:
    """Return an engine with the guard, and the simulated venue as a configured run has it."""
    controller = ImportableControllerConfig(
        controller_path="sagetrade_nautilus.guard.controller:Guard",
        config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
        config={
            "limits": limits,
            "venue": "ALPACA",
            "currency": "USD",
            "journal": str(folder / "decisions.jsonl"),
            "latch": None if latch is None else str(latch),
        },
    )
    made = BacktestEngine(
        BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), controller=controller, run_analysis=False)
    )
    made.add_venue(
        venue=Venue("ALPACA"),
        oms_type=OmsType.HEDGING,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        starting_balances=[Money(100_000, USD)],
        fill_model=DepthFillModel(DepthFillModelConfig(slippage_bps, depth, 5)),
        fee_model=BpsFeeModel(BpsFeeModelConfig(maker_fee_bps=15.0, taker_fee_bps=25.0)),
        bar_adaptive_high_low_ordering=True,
        reject_stop_orders=False,
        **({"latency_model": LatencyModel(base_latency_nanos=latency_ns)} if latency_ns else {}),
    )
    if latency_ns:
        wake_on_arrival(made, latency_ns)
    made.add_instrument(pair())
    return made
