"""Who may go live, with how much, and what stops a start."""

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord, StateRecord
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.live import live
from tests.support.alpaca_server.server import AlpacaServer
from tests.support.live_wall import ENTRY, clients, let_trade, replace, trial

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]


def test_it_begins_halted_and_trades_a_hundredth_once_a_person_lets_it(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    sent_while_halted: list[Any] = []

    def at(index: int, bar: Bar) -> None:
        if index == 150:
            sent_while_halted.extend(server.asked("POST", "/v2/orders"))
            let_trade(desk)

    told: list[str] = []
    assert live(config, desk, told.append, lambda: None, clients(server, bars, at)) is signal.SIGTERM
    assert told == ["live is up; Ctrl-C stops it", "winding down: flatten"]
    assert sent_while_halted == []
    lines = list(read(desk / JOURNAL))
    orders = [line for line in lines if isinstance(line, OrderRecord) and line.tags[1:] == ("entry",)]
    sizes = [(line.last_qty or 0.0) * (line.last_px or 0.0) for line in orders if line.event == "filled"]
    assert sizes
    assert 500.0 < max(sizes) < 1_020.0
    assert server.account.held("AAPL") == 0
    notes = [line for line in lines if isinstance(line, StateRecord)]
    assert ("reconciliation", "clean") in [(note.subject, note.state) for note in notes]


def test_without_approvals_nothing_begins(config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]) -> None:
    changed = replace(config, limits=replace(config.limits, max_exposure_pct=91.0))
    with pytest.raises(GovernanceError, match="gate B"):
        live(changed, desk, lambda line: None, lambda: None, clients(server, bars, lambda *_: None))
    assert not desk.exists()
    assert server.requests == []


@pytest.mark.parametrize("kind", ["an order", "a position"])
def test_what_is_strange_at_the_venue_stops_the_start_and_stays_as_it_is(
    kind: str, config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    limit = {"type": "limit", "limit_price": "50"} if kind == "an order" else {"type": "market"}
    server.account.submit({**ENTRY, **limit})
    told: list[str] = []
    with pytest.raises(GovernanceError, match="have not been reconciled") as refused:
        live(config, desk, told.append, lambda: None, clients(server, bars, lambda *_: None))
    assert "AAPL.ALPACA: " in str(refused.value)
    assert told == []
    assert server.asked("POST", "/v2/orders") == []
    assert not [request for request in server.requests if request[0] == "DELETE"]
    assert server.account.held("AAPL") == (0 if kind == "an order" else 5)


def test_a_trial_needs_no_approval_and_is_the_same_in_all_else(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    """At the broker's simulated account: halted at first, a hundredth at work, and nothing without a canary plan."""
    shutil.rmtree(store.FOLDER)
    with pytest.raises(GovernanceError, match="no `\\[canary\\]`"):
        trial(replace(config, canary=None), desk, lambda line: None, clients(server, bars, lambda *_: None))
    assert not desk.exists()
    sent_while_halted: list[Any] = []

    def at(index: int, bar: Bar) -> None:
        if index == 150:
            sent_while_halted.extend(server.asked("POST", "/v2/orders"))
            let_trade(desk)

    told: list[str] = []
    assert trial(config, desk, told.append, clients(server, bars[:350], at)) is signal.SIGTERM
    assert told[0] == "live is up; Ctrl-C stops it"
    assert sent_while_halted == []
    fills = [line for line in read(desk / JOURNAL) if isinstance(line, OrderRecord) and line.event == "filled"]
    sizes = [(line.last_qty or 0.0) * (line.last_px or 0.0) for line in fills]
    assert sizes
    assert max(sizes) < 1_020.0


def test_a_trial_stops_at_what_is_strange_at_the_venue_as_live_trading_does(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    server.account.submit({**ENTRY, "type": "market"})
    with pytest.raises(GovernanceError, match="may not be tried at a broker"):
        trial(config, desk, lambda line: None, clients(server, bars, lambda *_: None))
    assert server.asked("POST", "/v2/orders") == []
