"""A journal and an overview by hand, for views that need no engine."""

from pathlib import Path

import pytest

from sagetrade_nautilus.guard.view import LimitView, StrategyView
from sagetrade_nautilus.model.readings import Component, Composite, Regime
from sagetrade_nautilus.overview import HeldPosition, LastPrice, LastSignal, Overview
from tests.support.node_views import guard_view, node_overview
from tests.support.records import BTC, HOUR, T0, Write, writer


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write records to a sound journal and return its path; called again it goes on."""
    return writer(tmp_path)


@pytest.fixture
def overview() -> Overview:
    """A node with one long position, one signal, and limits of every sort."""
    guard = guard_view(
        run="hand",
        latch="state/paper/latch.json",
        journal="state/paper/decisions.jsonl",
        equity=9_900.0,
        day_start=10_000.0,
        peak=10_100.0,
        budget_left=0.5,
        losses_in_a_row=2,
        limits=(
            LimitView("max_exposure_pct", 30.0, 60.0),
            LimitView("max_drawdown_pct", 19.0, 20.0),
            LimitView("max_price_age_s", None, 900.0),
            LimitView("max_open_trades", 0.0, 0.0),
        ),
        strategies=(StrategyView("m", "m-001", True),),
    )
    held = HeldPosition(
        instrument_id=BTC,
        side="long",
        quantity=10.0,
        entry_price=100.0,
        last_price=101.0,
        notional=1_010.0,
        unrealized=10.0,
        opened_ns=T0,
        strategy="m-001",
        trade_id="m-0001",
    )
    reading = Composite(
        0.3,
        1,
        0.4,
        0.01,
        Regime.LOW_VOL_RANGING,
        101.0,
        (Component("rsi_14", "quant", 30.0, 0.2, 0.5), Component("text:Wire", "text", 0.8, 0.8, 0.25, ("text-1",))),
    )
    return node_overview(
        guard,
        ts=T0 + HOUR,
        started_ns=T0,
        balances={"USDT": 9_890.0},
        positions=(held,),
        signals=(LastSignal(instrument_id=BTC, ts=T0, signal_id=f"{BTC}@{T0}", composite=reading),),
        prices=(LastPrice(instrument_id=BTC, price=101.0, age_s=1.0),),
    )
