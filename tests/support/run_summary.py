"""A made-up run that looks like a real one: seeded, with trades, costs, signals and refusals."""

from collections.abc import Callable
from math import fsum

import numpy as np

from sagetrade_nautilus.config import CostConfig, SelectorRule
from sagetrade_nautilus.model.records import (
    DecisionCount,
    FillRecord,
    PriceSeries,
    RoundTrip,
    RunSummary,
    SignalScore,
    SignalSeries,
)
from sagetrade_nautilus.model.round_trips import round_trip

DAY = 86_400_000_000_000
BAR = 300_000_000_000
START = 18_993 * DAY  # 2022-01-01
REGIMES = ("low_vol_ranging", "low_vol_trending", "high_vol_ranging", "high_vol_trending")
COSTS = CostConfig()
STRATEGIES = ("momentum_scalper", "mean_reversion_scalper", "news_quick_trade", "idle_strategy")

MakeSummary = Callable[..., RunSummary]


def _prices(rng: np.random.Generator, bars: int, first: float) -> np.ndarray:
    volatility = np.exp(np.cumsum(rng.normal(0, 0.02, bars)) * 0.3)
    noise = rng.normal(0, 0.0018, bars) * np.clip(volatility, 0.4, 2.5)
    steps = noise - 0.06 * np.concatenate([[0.0], noise[:-1]]) - 0.000016
    return first * np.exp(np.cumsum(steps))


def _signals(rng: np.random.Generator, instrument: str, ts: np.ndarray, close: np.ndarray) -> SignalSeries:
    log = np.log(close)
    last_hour = log - np.concatenate([np.full(12, log[0]), log[:-12]])
    quant = np.tanh(-last_hour / 0.01)
    text = np.where(rng.random(close.size) < 0.4, rng.normal(0, 0.3, close.size), 0.0).clip(-1, 1)
    return SignalSeries(instrument, ts, 0.85 * quant + 0.15 * text, {"quant": quant, "text": text})


def _trade(
    rng: np.random.Generator, name: tuple[str, str], series: PriceSeries, score: float, at: int
) -> tuple[list[FillRecord], RoundTrip]:
    trade_id, strategy = name
    bars = int(rng.integers(1, 48))
    side, other = ("buy", "sell") if score >= 0 else ("sell", "buy")
    sign = 1.0 if side == "buy" else -1.0
    quantity = round(float(rng.uniform(2_000, 9_000)) / float(series.close[at]), 5)
    fills = []
    for is_entry, bar, direction, flip in ((True, at, side, sign), (False, at + bars, other, -sign)):
        reference = round(float(series.close[bar]), 2)
        price = round(reference * (1 + flip * COSTS.slippage_bps / 1e4), 2)
        fills.append(
            FillRecord(
                ts=int(series.ts[bar]) + 50_000_000,
                trade_id=trade_id,
                strategy=strategy,
                symbol=series.symbol,
                instrument_id=series.instrument_id,
                side=direction,
                quantity=quantity,
                price=price,
                commission=round(quantity * price * COSTS.taker_fee_bps / 1e4, 8),
                liquidity="taker",
                reference_price=reference,
                is_entry=is_entry,
            )
        )
    gain = sign * (fills[1].price / fills[0].price - 1)
    trip = round_trip(
        fills,
        regime=REGIMES[int(rng.integers(4))],
        confidence=float(rng.uniform(0.3, 0.9)),
        size_pct=quantity * fills[0].price / 1_000,
        signals=(SignalScore("quant", round(score, 4)), SignalScore("text", 0.1)),
        exit_reason="take_profit" if gain > 0.004 else "stop_loss" if gain < -0.004 else "time_exit",
        expected_edge_bps=30.0,
    )
    return fills, trip


def _decisions(trades: dict[str, int]) -> tuple[DecisionCount, ...]:
    rows = [DecisionCount(strategy="idle_strategy", verdict="refused_selector", reason="no row fits", count=214)]
    for name, taken in trades.items():
        rows += [
            DecisionCount(strategy=name, verdict="taken", reason="", count=taken),
            DecisionCount(strategy=name, verdict="refused_edge", reason="edge below costs", count=3 * taken + 11),
            DecisionCount(strategy=name, verdict="refused_selector", reason="no row fits", count=taken // 2),
            DecisionCount(strategy=name, verdict="denied_by_guard", reason="max_open_trades", count=taken // 5),
        ]
    return tuple(rows)


def build_summary(
    *,
    days: int = 40,
    trades: int = 120,
    seed: int = 3,
    symbols: tuple[str, ...] = ("BTCUSDT", "ETHUSDT"),
    start: int = START,
) -> RunSummary:
    rng = np.random.default_rng(seed)
    bars = days * 288
    ts = start + BAR * np.arange(1, bars + 1, dtype=np.int64)
    firsts = (46_200.0, 3_676.0, 171.0)
    prices = tuple(
        PriceSeries(f"{symbol}.BINANCE", ts, _prices(rng, bars, first).round(2))
        for symbol, first in zip(symbols, firsts, strict=False)
    )
    signals = tuple(_signals(rng, series.instrument_id, ts, series.close) for series in prices)
    fills: list[FillRecord] = []
    trips: list[RoundTrip] = []
    counts = dict.fromkeys(STRATEGIES[:3], 0)
    for number, at in enumerate(np.sort(rng.integers(20, bars - 60, trades)), start=1):
        which = int(rng.integers(len(prices)))
        strategy = STRATEGIES[int(rng.choice(3, p=[0.3, 0.5, 0.2]))]
        score = float(signals[which].composite[at]) * (-1 if strategy == "momentum_scalper" else 1)
        made, trip = _trade(rng, (f"trade-{number:04d}", strategy), prices[which], score, int(at))
        fills += made
        trips.append(trip)
        counts[strategy] += 1
    return RunSummary(
        name="demo",
        config_digest="3f9a1c0b77d2e6548a0bb1f3c2d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6",
        code_version="0.1.0+6296712",
        data_fingerprint="sha256:9b1c22f0a7",
        start=start,
        end=int(ts[-1]),
        starting_balance=100_000.0,
        final_balance=100_000.0 + fsum(trip.net_pnl for trip in trips),
        currency="USDT",
        strategies=STRATEGIES,
        costs=COSTS,
        selector=(
            SelectorRule(
                shares={"mean_reversion_scalper": 1.0, "news_quick_trade": 0.5},
                regimes=["low_vol_ranging", "high_vol_ranging"],
                min_confidence=0.3,
            ),
            SelectorRule(shares={"momentum_scalper": 0.5}, min_confidence=0.5, min_risk_budget=0.25),
        ),
        fills=tuple(sorted(fills, key=lambda fill: (fill.ts, fill.trade_id))),
        round_trips=tuple(sorted(trips, key=lambda trip: (trip.exit_ts, trip.trade_id))),
        prices=prices,
        signals=signals,
        decisions=_decisions(counts),
    )
