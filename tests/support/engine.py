"""A real backtest engine with one or two markets, for tests that need the true order path."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import FillModel, LatencyModel
from nautilus_trader.config import BacktestEngineConfig, ImportableControllerConfig, LoggingConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType, BookOrder, OrderBookDelta, OrderBookDeltas, TradeTick
from nautilus_trader.model.enums import AccountType, AggressorSide, BookAction, BookType, OmsType, OrderSide
from nautilus_trader.model.identifiers import TradeId, Venue
from nautilus_trader.model.objects import Money

from adapters.paper.latency import LatencyClock
from catalog.instruments import Definition, instrument_for
from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.run.backtest import COMMANDED

BTC = "BTCUSDT.BINANCE"
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 86_400_000_000_000
START = 1_640_995_200_000_000_000  # 2022-01-01 00:00 UTC
VENUE = Venue("BINANCE")


def bars(
    closes: Sequence[float],
    instrument_id: str = BTC,
    definition: Definition | None = None,
    start: int = START,
    step: int = 5 * MINUTE,
) -> list[Bar]:
    """Return one bar per close; each opens at the close before it and has no wicks."""
    instrument = instrument_for(instrument_id, definition)
    bar_type = BarType.from_str(f"{instrument_id}-5-MINUTE-LAST-EXTERNAL")
    made = []
    before = closes[0]
    for number, close in enumerate(closes, start=1):
        prices = (before, max(before, close), min(before, close), close)
        ts = start + number * step
        made.append(
            Bar(bar_type, *(instrument.make_price(price) for price in prices), instrument.make_qty(1000), ts, ts)
        )
        before = close
    return made


def trades(closes: Sequence[float], instrument_id: str = BTC, start: int = START) -> list[TradeTick]:
    """Return one trade per price, a second apart."""
    instrument = instrument_for(instrument_id)
    return [
        TradeTick(
            instrument.id,
            instrument.make_price(close),
            instrument.make_qty(100),
            AggressorSide.BUYER,
            TradeId(str(number)),
            start + number * SECOND,
            start + number * SECOND,
        )
        for number, close in enumerate(closes, start=1)
    ]


def walk(count: int, seed: int = 1, price: float = 40_000.0, sigma: float = 0.003) -> list[float]:
    """Return a seeded random walk of prices."""
    steps = np.random.default_rng(seed).normal(0.0, sigma, count)
    return [round(float(value), 2) for value in price * np.exp(np.cumsum(steps))]


def _empty_engine(guard: dict[str, Any] | None) -> BacktestEngine:
    controller = ImportableControllerConfig(
        controller_path="sagetrade_nautilus.guard.controller:Guard",
        config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
        config=guard or {},
    )
    return BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            controller=None if guard is None else controller,
            run_analysis=False,
        )
    )


def engine(
    folder: Path,
    *,
    limits: LimitConfig | None = None,
    breaker: BreakerConfig | None = None,
    account: AccountType = AccountType.MARGIN,
    balance: float = 100_000.0,
    instruments: Sequence[str] = (BTC,),
    guarded: bool = True,
    fill_model: FillModel | None = None,
    latch: Path | None = None,
    memory: Path | None = None,
    latency_ns: int = 0,
    book_type: BookType = BookType.L1_MBP,
    **venue: Any,
) -> BacktestEngine:
    """Return an engine with a venue, its instruments and, if `guarded`, the guard as its controller.

    With a latency every command arrives at the venue that much later, to the nanosecond. Without `use_reduce_only` the
    venue takes reducing orders as they are, and does not cut them to the position either, which it else does unasked.
    """
    guard = {
        "limits": limits or LimitConfig(),
        "breaker": breaker or BreakerConfig(),
        "journal": str(folder / "decisions.jsonl"),
        "latch": str(latch) if latch else None,
        "memory": str(memory) if memory else None,
    }
    made = _empty_engine(guard if guarded else None)
    margin = account == AccountType.MARGIN
    made.add_venue(
        venue=VENUE,
        oms_type=OmsType.HEDGING,
        account_type=account,
        base_currency=USDT if margin else None,
        starting_balances=[Money(balance, USDT)],
        fill_model=fill_model,
        book_type=book_type,
        liquidity_consumption=book_type != BookType.L1_MBP,  # what a book shows is had once
        **({"latency_model": LatencyModel(base_latency_nanos=latency_ns)} if latency_ns else {}),
        **venue,
    )
    if latency_ns:
        wake_on_arrival(made, latency_ns)
    for name in instruments:
        made.add_instrument(instrument_for(name))
    return made


def wake_on_arrival(made: BacktestEngine, latency_ns: int) -> None:
    """Have the venue settle when a command arrives, as `run.backtest.keep_latency` does for a configured run."""
    latency = LatencyClock(made.kernel.clock, latency_ns)
    made.kernel.msgbus.subscribe(
        topic="events.order.*", handler=lambda event: latency.wake() if isinstance(event, COMMANDED) else None
    )


def book(
    second: float, bids: Sequence[tuple[float, float]], asks: Sequence[tuple[float, float]], instrument_id: str = BTC
) -> OrderBookDeltas:
    """Return a snapshot of the order book: (price, size) best first, so many seconds after the start."""
    instrument, ts = instrument_for(instrument_id), START + round(second * SECOND)
    deltas = [OrderBookDelta.clear(instrument.id, 0, ts, ts)]
    for side, levels in ((OrderSide.BUY, bids), (OrderSide.SELL, asks)):
        for price, size in levels:
            level = BookOrder(side, instrument.make_price(price), instrument.make_qty(size), len(deltas))
            deltas.append(OrderBookDelta(instrument.id, BookAction.ADD, level, 0, 0, ts, ts))
    return OrderBookDeltas(instrument.id, deltas)
