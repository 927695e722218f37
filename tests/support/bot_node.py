"""A node as the bot sees it, in plain values: two markets, one position, a closed trade, limits and headlines."""

from typing import Any

import msgspec

from sagetrade_nautilus.bot.advisor.facts import Rules
from sagetrade_nautilus.bot.advisor.recall import Headline, Recall
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.view import GuardView, LimitView, StrategyView
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.readings import Component, Composite, Regime
from sagetrade_nautilus.overview import HeldPosition, LastPrice, LastSignal, Overview
from tests.support import node_views

BTC, ETH = "BTCUSDT.BINANCE", "ETHUSDT.BINANCE"
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_772_712_000_000_000_000  # 2026-03-05 12:00 UTC, a Thursday
RULES = Rules(round_trip_bps=22.0, taker_fee_bps=10.0, slippage_bps=1.0, neutral_band=0.1, max_price_age_s=900.0)
PARTS = (
    Component("rsi_14", "quant", 28.4, 0.8, 0.35),
    Component("zscore_48", "quant", -1.9, 0.6, 0.25),
    Component("return_3", "quant", 0.7, -0.2, 0.25),
    Component("text:cointelegraph", "text", 0.3, 0.3, 0.15, ("t1",)),
)


def composite(direction: int = 1, **changes: Any) -> Composite:
    """Return a composite whose parts add up to its score, the parts turned with `direction`."""
    parts = tuple(msgspec.structs.replace(part, score=part.score * (direction or 0.1)) for part in PARTS)
    fields: dict[str, Any] = {
        "score": sum(part.weight * part.score for part in parts),
        "direction": direction,
        "confidence": 0.61,
        "volatility": 0.008,
        "regime": Regime.HIGH_VOL_RANGING,
        "price": 43_200.0,
        "components": parts,
    }
    return Composite(**{**fields, **changes})


def guard(**changes: Any) -> GuardView:
    """Return a guard that lets trade."""
    fields: dict[str, Any] = {
        "run": "demo",
        "config_digest": "abc",
        "code_version": "1",
        "latch": "state/latch.json",
        "journal": "decisions.jsonl",
        "equity": 100_412.5,
        "day_start": 100_000.0,
        "peak": 101_000.0,
        "budget_left": 0.87,
        "losses_in_a_row": 1,
        "limits": (
            LimitView("max_daily_loss_pct", 0.0, 3.0),
            LimitView("max_drawdown_pct", 0.58, 20.0),
            LimitView("max_price_age_s", 12.0, 900.0),
            LimitView("max_open_trades", 1.0, 4.0),
            LimitView("max_symbol_exposure_pct", 10.8, 50.0),
            LimitView("max_exposure_pct", 10.8, 100.0),
        ),
        "strategies": (StrategyView("mean_reversion", "mean_reversion-001", True),),
    }
    return node_views.guard_view(**{**fields, **changes})


def held(**changes: Any) -> HeldPosition:
    """Return an open long in bitcoin."""
    fields: dict[str, Any] = {
        "instrument_id": BTC,
        "side": "long",
        "quantity": 0.25,
        "entry_price": 43_100.0,
        "last_price": 43_210.5,
        "notional": 10_802.625,
        "unrealized": 27.625,
        "opened_ns": NOW - 35 * MINUTE,
        "strategy": "mean_reversion-001",
        "trade_id": "mean_reversion-0007",
        "take_profit": 43_900.0,
        "stop_loss": 42_600.0,
    }
    return HeldPosition(**{**fields, **changes})


def overview(**changes: Any) -> Overview:
    """Return the node; bitcoin points up and is held, ether points down."""
    fields: dict[str, Any] = {
        "ts": NOW,
        "started_ns": NOW - 6 * HOUR,
        "balances": {"USDT": 100_384.875},
        "positions": (held(),),
        "signals": (
            LastSignal(instrument_id=BTC, ts=NOW - 2 * MINUTE, signal_id=f"{BTC}@1", composite=composite()),
            LastSignal(
                instrument_id=ETH,
                ts=NOW - 7 * MINUTE,
                signal_id=f"{ETH}@1",
                composite=composite(-1, price=2_310.0, regime=Regime.LOW_VOL_TRENDING),
            ),
        ),
        "prices": (
            LastPrice(instrument_id=BTC, price=43_210.5, age_s=12.0),
            LastPrice(instrument_id=ETH, price=2_311.25, age_s=12.0),
        ),
    }
    return node_views.node_overview(**{"guard": guard(), **fields, **changes})


def decision(trade_id: str | None = "mean_reversion-0006", **changes: Any) -> DecisionRecord:
    """Return a decision to buy bitcoin."""
    fields: dict[str, Any] = {
        "ts": NOW - 3 * HOUR,
        "decision_id": f"{trade_id}@1",
        "trade_id": trade_id,
        "strategy": "mean_reversion",
        "instrument_id": BTC,
        "verdict": Verdict.TAKEN,
        "why": "every check passed",
        "side": "buy",
        "reason": "the price is stretched: composite score +0.62",
        "score": 0.62,
        "confidence": 0.7,
        "volatility": 0.01,
        "regime": "high_vol_ranging",
        "price": 42_950.0,
        "expected_edge_bps": 31.0,
        "cost_bps": 22.0,
        "size_pct": 10.0,
        "equity": 100_000.0,
        "share": 1.0,
        "policy_row": 0,
        "notional": 10_000.0,
        "signal_ids": (f"{BTC}@1",),
        "signals": PARTS,
        "sources": ("t1",),
    }
    return DecisionRecord(**{**fields, **changes})


def fill(ts: int, role: str, side: str, price: float, **changes: Any) -> OrderRecord:
    """Return one fill of a quarter of a bitcoin."""
    fields: dict[str, Any] = {
        "ts": ts,
        "event": "filled",
        "client_order_id": f"O-{role}",
        "tags": ("mean_reversion-0006", role),
        "strategy": "mean_reversion-001",
        "instrument_id": BTC,
        "side": side,
        "last_qty": 0.25,
        "last_px": price,
        "commission": 10.75,
        "currency": "USDT",
        "liquidity": "taker",
    }
    return OrderRecord(**{**fields, **changes})


def recall() -> Recall:
    """Return a memory with one trade that took its profit, one refused decision and two headlines."""
    made = Recall()
    made.hear(decision())
    made.hear(fill(NOW - 3 * HOUR, "entry", "buy", 42_950.0))
    made.hear(fill(NOW - 2 * HOUR, "take_profit", "sell", 43_400.0))
    made.hear(
        decision(
            None,
            ts=NOW - 12 * MINUTE,
            instrument_id=ETH,
            side="sell",
            verdict=Verdict.REFUSED_EDGE,
            expected_edge_bps=9.0,
        )
    )
    made.hear_news(Headline.of("t1", "Bitcoin steadies as traders weigh ETF flows", "cointelegraph", NOW - 40 * MINUTE))
    made.hear_news(Headline.of("t2", "Ethereum developers set a date", "cryptonews", NOW - 90 * MINUTE))
    return made
