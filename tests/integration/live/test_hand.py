"""Somebody trades by hand, at the broker, in what a node holds."""

import shutil
from decimal import Decimal
from functools import partialmethod
from pathlib import Path

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.run.files import JOURNAL
from strategies.momentum_scalper import MomentumScalper
from tests.support.alpaca_server.account import OPEN
from tests.support.alpaca_server.server import AlpacaServer
from tests.support.live_wall import AAPL, clients, let_trade, replace, trial, wish

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]


def by_hand(server: AlpacaServer, qty: Decimal) -> None:
    """Cancel what rests, as the broker asks for, and sell."""
    account = server.account
    with server.lock:
        for order in list(account.orders.values()):
            if order["status"] in OPEN:
                account.cancel(order["id"])
        account.submit({"symbol": "AAPL", "qty": str(qty), "side": "sell", "type": "market", "time_in_force": "day"})


@pytest.mark.parametrize("more", [0, 5])
def test_shares_of_ours_that_somebody_has_sold_are_not_sold_once_more(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """Even if he has sold more than there was: then nothing is done until a person sees to it."""
    monkeypatch.setattr(MomentumScalper, "on_new_signal", partialmethod(wish, target_duration=3_600.0))
    impatient = replace(config.execution, ack_timeout_s=0.3)
    config = replace(config, execution=impatient, node=replace(config.node, on_stop="leave"))
    sold: list[Decimal] = []
    after: list[Decimal] = []

    def at(index: int, bar: Bar) -> None:
        if index == 10:
            let_trade(desk)
        held = server.account.held("AAPL")
        if index > 60 and held > 0 and not sold:
            sold.append(held)
            by_hand(server, held + more)
        elif sold:
            after.append(held)

    trial(config, desk, lambda line: None, clients(server, bars, at))
    assert sold
    assert min(after) == -more
    lines = [line for line in read(desk / JOURNAL) if isinstance(line, StateRecord)]
    if more:
        assert max(after) == -more
        assert ("unowned_position:AAPL.ALPACA", "reduce_only") in [(line.subject, line.state) for line in lines]
    else:
        assert f"by_hand:{AAPL}" in [line.subject for line in lines]


def test_what_is_sold_by_hand_while_no_node_runs_stops_the_start_until_its_memory_is_moved_away(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", partialmethod(wish, target_duration=3_600.0))
    config = replace(config, node=replace(config.node, on_stop="leave"))

    def at(index: int, bar: Bar) -> None:
        if index == 10:
            let_trade(desk)

    trial(config, desk, lambda line: None, clients(server, bars[:350], at))
    held = server.account.held("AAPL")
    assert held > 0
    by_hand(server, held)
    sent = len(server.asked("POST", "/v2/orders"))
    with pytest.raises(GovernanceError, match="our strategies hold 10, the venue says 0"):
        trial(config, desk, lambda line: None, clients(server, bars[:350], lambda index, bar: None))
    assert server.account.held("AAPL") == 0
    assert len(server.asked("POST", "/v2/orders")) == sent
    (desk / "orders.sqlite").rename(desk / "orders.old")
    told: list[str] = []
    trial(config, desk, told.append, clients(server, bars[:200], lambda index, bar: None))
    assert "is up" in told[0]
