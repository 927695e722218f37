"""What a node shows of itself, by hand: plain values of a node that may trade, and what a test says otherwise."""

from typing import Any

from sagetrade_nautilus.guard.view import GuardView, LimitView
from sagetrade_nautilus.overview import ClientStatus, LastPrice, NodeStatus, Overview


def guard_view(**said: Any) -> GuardView:
    """Return a guard that lets trade, with no limit and no strategy unless they are given."""
    plain: dict[str, Any] = {
        "run": "test",
        "config_digest": "d",
        "code_version": "c",
        "venue": "BINANCE",
        "currency": "USDT",
        "latch": "state/latch.json",
        "journal": "state/decisions.jsonl",
        "state": "running",
        "reason": "",
        "flatten": False,
        "equity": 1.0,
        "day_start": 1.0,
        "peak": 1.0,
        "budget_left": 1.0,
        "losses_in_a_row": 0,
        "trips": (),
        "limits": (),
        "reduce_only": (),
        "strategies": (),
    }
    return GuardView(**{**plain, **said})


def node_overview(guard: GuardView, **said: Any) -> Overview:
    """Return a node with nothing in it but `guard`, and what is given."""
    plain: dict[str, Any] = {
        "ts": 0,
        "started_ns": 0,
        "balances": {},
        "positions": (),
        "orders": (),
        "signals": (),
        "prices": (),
    }
    return Overview(guard=guard, **{**plain, **said})


WELL = node_overview(
    guard_view(limits=(LimitView("max_price_age_s", 1.0, 900.0),)),
    prices=(LastPrice(instrument_id="BTCUSDT.BINANCE", price=1.0, age_s=1.0),),
    node=NodeStatus(
        clients=(ClientStatus("data BINANCE", True), ClientStatus("exec BINANCE", True)), queues={}, stopping=False
    ),
)
"""A node that is connected, hears prices and may trade."""
