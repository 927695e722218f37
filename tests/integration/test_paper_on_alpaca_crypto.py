"""Paper trading on Alpaca's prices of crypto: what is advised where `sagetool live` refuses it."""

import os
import signal
import threading
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from sagetrade_nautilus.config import RunConfig, SelectorConfig, load
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.node.clients import DataClient, data_client
from sagetrade_nautilus.run.paper import paper
from strategies.mean_reversion_scalper import MeanReversionScalper
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server
from tests.support.live_lives import minutes

pytestmark = pytest.mark.slow
replace = msgspec.structs.replace
PAIR = "BTC/USD"
PATIENCE_S = 90.0


def configuration(project_root: Path) -> RunConfig:
    """Return the shipped configuration with bars of a minute, and nothing that keeps it from entering."""
    shipped = load(project_root / "configs" / "paper-alpaca-crypto.toml")
    return replace(
        shipped,
        data=replace(shipped.data, instruments=[f"{PAIR}.ALPACA"], bar="1-MINUTE-LAST"),
        node=replace(shipped.node, warm_up_h=2.0, on_stop="flatten"),
        ops=replace(shipped.ops, enabled=False),
        selector=SelectorConfig(),
        limits=replace(
            shipped.limits,
            max_price_jump_pct=100.0,
            max_clock_drift_ms=1e9,
            no_duplicate_s=0.0,
            max_repeated_orders=999,
        ),
    )


def near(server: AlpacaServer, config: RunConfig) -> DataClient:
    """Return the command's feed, at the server of the tests."""
    settings, factory = data_client(config)
    return replace(settings, trading_url=server.url, data_url=server.url, stream_url=server.stream_url), factory


def wish(self: Any, signal: Any) -> Decision:
    return Decision(
        side="buy", size_pct=5.0, tp=signal.price * 1.002, sl=signal.price * 0.998, target_duration=600.0,
        expected_edge_bps=500.0, reason="a test", signal_ids=(signal.signal_id,),
    )  # fmt: skip


def orders(folder: Path) -> list[OrderRecord]:
    path = folder / JOURNAL
    return [line for line in read(path) if isinstance(line, OrderRecord)] if path.exists() else []


def test_crypto_at_alpacas_prices_is_bought_protected_and_sold_on_paper_and_no_order_leaves(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_NAME, KEY)
    monkeypatch.setenv(SECRET_NAME, SECRET)
    monkeypatch.setattr(MeanReversionScalper, "on_new_signal", wish)
    over = threading.Event()

    def stop_after_some_trades() -> None:
        for _ in range(round(PATIENCE_S * 5)):
            ends = [line for line in orders(tmp_path) if line.event == "filled" and line.tags[1:] != ("entry",)]
            if over.wait(0.2) or len(ends) >= 2:
                break
        os.kill(os.getpid(), signal.SIGTERM)

    config = configuration(project_root)
    with alpaca_server() as server, minutes(server, PAIR):
        watcher = threading.Thread(target=stop_after_some_trades, daemon=True)
        watcher.start()
        try:
            assert paper(config, tmp_path, lambda line: None, near(server, config)) is signal.SIGTERM
        finally:
            over.set()
        assert server.asked("POST", "/v2/orders") == []
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    roles = set()
    for line in orders(tmp_path):
        if line.event in ("filled", "partially_filled"):
            held[line.tags[0]] += Decimal(str(line.last_qty)) * (1 if line.side == "buy" else -1)
            roles.add(line.tags[1])
    assert "entry" in roles
    assert roles & {"take_profit", "stop_loss"}
    assert set(held.values()) == {Decimal(0)}
