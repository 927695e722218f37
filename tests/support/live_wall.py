"""A live node against Alpaca's server of the tests, for whoever trades there on the wall's clock."""

import os
import signal
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from adapters.alpaca.config import AlpacaExecClientConfig, AlpacaProviderConfig
from adapters.alpaca.factories import AlpacaExecClientFactory
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run.live import live
from sagetrade_nautilus.run.node.clients import DataClient, Execution
from tests.support.alpaca_server.account import Account
from tests.support.alpaca_server.refusal import RefusalError
from tests.support.alpaca_server.server import AlpacaServer
from tests.support.latch import confirmed
from tests.support.ticking import ticking

replace = msgspec.structs.replace
AAPL = "AAPL.ALPACA"
ENTRY = {"symbol": "AAPL", "qty": "5", "side": "buy", "time_in_force": "gtc"}


def wish(self: Any, signal: Any, target_duration: float = 1.0, order_type: Any = "market") -> Decision:
    """Wish to buy for all there is, at every signal."""
    return Decision(
        side="buy", size_pct=100.0, tp=signal.price * 1.05, sl=signal.price * 0.95, target_duration=target_duration,
        order_type=order_type, expected_edge_bps=500.0, reason="a test", signal_ids=(signal.signal_id,),
    )  # fmt: skip


def clients(
    server: AlpacaServer, bars: list[Bar], on_tick: Callable[[int, Bar], object]
) -> tuple[DataClient, Execution]:
    provider = AlpacaProviderConfig(load_ids=frozenset({AAPL}))
    execution = AlpacaExecClientConfig(
        instrument_provider=provider,
        trading_url=server.url,
        stream_url=f"{server.stream_url}/stream",
        timeout_s=3.0,
        backoff_s=0.05,
        gtd_as_gtc=True,
    )

    def follow(index: int, bar: Bar) -> None:
        server.move("AAPL", str(bar.close), f"{bar.close.as_decimal() + Decimal('0.01')}")
        on_tick(index, bar)
        if index == len(bars) - 1:
            os.kill(os.getpid(), signal.SIGTERM)

    return ticking(bars, [instrument_for(AAPL)], follow), (execution, lambda node: AlpacaExecClientFactory)


def let_trade(desk: Path) -> None:
    latch = Latch(desk / "latch.json")
    latch.release(confirmed(latch.read(), State.RUNNING, 1), 1)


def trial(
    config: RunConfig, desk: Path, tell: Callable[[str], None], clients: tuple[DataClient, Execution]
) -> signal.Signals:
    return live(config, desk, tell, lambda: None, clients, account="paper")


class Backed:
    """Has the server's account keep the shares behind resting sales, and take its time for a cancel, as Alpaca does."""

    def __init__(self, account: Account) -> None:
        self._account, self._check, self._say = account, account._check, account._say
        account._check, account.cancel, account._say = self.check, self.cancel, self.say  # type: ignore[method-assign]
        self.refused = 0
        self.bare_s: list[float] = []
        self._bare_since = 0.0

    def resting(self) -> list[dict[str, Any]]:
        return [order for order in self._account.open_orders() if order["side"] == "sell"]

    def check(self, body: dict[str, Any]) -> None:
        if body["side"] == "sell" and self.resting():
            self.refused += 1
            raise RefusalError(403, 40310000, "insufficient qty available for order")
        self._check(body)

    def cancel(self, order_id: str) -> None:
        order = self._account._known(order_id)
        order["status"] = "pending_cancel"
        threading.Timer(0.05, self._account._end, (order, "canceled")).start()

    def say(self, event: str, order: dict[str, Any], extra: dict[str, Any] | None = None) -> None:
        if event == "canceled" and not self.resting():
            self._bare_since = time.monotonic()
        if event == "fill" and order["order_class"] == "simple" and order["side"] == "sell":
            self.bare_s.append(time.monotonic() - self._bare_since)
        self._say(event, order, extra)
