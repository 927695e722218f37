"""Live trading against Alpaca's server of the tests: who may go live, with how much, and what differing books do."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partialmethod
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from adapters.alpaca.config import AlpacaExecClientConfig, AlpacaProviderConfig
from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from adapters.alpaca.factories import AlpacaExecClientFactory
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import RunConfig, SelectorConfig, load
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.errors import GovernanceError, GuardError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.guard.journal import Journal, read
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.records import DenialRecord, OrderRecord, StateRecord
from sagetrade_nautilus.guard.state import State
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run.approval import subject
from sagetrade_nautilus.run.clients import DataClient, Execution
from sagetrade_nautilus.run.compare import JOURNAL
from sagetrade_nautilus.run.live import live
from strategies.momentum_scalper import MomentumScalper
from tests.support.alpaca_server.account import Account
from tests.support.alpaca_server.refusal import RefusalError
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server
from tests.support.latch import confirmed
from tests.support.signers import allow, approval, key_of
from tests.support.ticking import SHORT_BAR, ticking, wild_bars

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]
replace = msgspec.structs.replace
AAPL = "AAPL.ALPACA"
ENTRY = {"symbol": "AAPL", "qty": "5", "side": "buy", "time_in_force": "gtc"}


@pytest.fixture(scope="module")
def bars(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Bar]:
    """Two wild days, as prices about 100."""
    folder = tmp_path_factory.mktemp("catalog")
    return wild_bars(project_root, folder, instrument_for(AAPL), 550, scale=100.0 / 34_500.0)  # type: ignore[no-any-return]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AlpacaServer]:
    monkeypatch.setenv(KEY_NAME, KEY)
    monkeypatch.setenv(SECRET_NAME, SECRET)
    with alpaca_server() as made:
        yield made


@pytest.fixture
def config(project_root: Path) -> RunConfig:
    demo = load(project_root / "configs" / "demo.toml")
    return replace(
        demo,
        name="live",
        data=replace(demo.data, instruments=[AAPL], bar=SHORT_BAR),
        venue=replace(demo.venue, currency="USD", account="margin"),
        node=replace(demo.node, data="alpaca", on_stop="flatten", reconcile_s=0.3),
        text=replace(demo.text, enabled=False),
        strategies=[entry for entry in demo.strategies if entry.plugin == "momentum_scalper"],
        selector=SelectorConfig(),
        sizing=replace(demo.sizing, max_trade_risk_pct=100.0),
        limits=replace(demo.limits, max_exposure_pct=90.0, max_symbol_exposure_pct=90.0, max_price_jump_pct=50.0),
        canary=CanaryConfig(
            rollback="sagetool stop, by whoever is on call", max_loss_pct=50.0, max_slippage_bps=9_999.0
        ),
    )


@pytest.fixture
def desk(config: RunConfig, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a node whose gates A and B are approved for `config`."""
    shutil.copy(project_root / "AI_POLICY.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    for person in ("anna@desk", "omar@desk"):
        key = allow(person, tmp_path)
        for gate in (Gate.A, Gate.B):
            store.write(approval(gate, person, subject(config), key))
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    return tmp_path / "state" / "live"


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


def test_a_node_that_left_a_position_finds_its_own_books_again(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", partialmethod(wish, target_duration=3_600.0))
    leave = replace(config, node=replace(config.node, on_stop="leave"))
    for person in ("anna@desk", "omar@desk"):
        store.write(approval(Gate.B, person, subject(leave), key_of(person, Path()), "2026-11-26T10:00:00Z"))
    calm = bars[349:350] * 50

    def at(index: int, bar: Bar) -> None:
        if index == 10 and Latch(desk / "latch.json").read().state is State.HALTED:
            let_trade(desk)

    live(leave, desk, lambda line: None, lambda: None, clients(server, bars[:350], at))
    held = server.account.held("AAPL")
    assert held > 0
    count = len(server.asked("POST", "/v2/orders"))
    told: list[str] = []
    live(leave, desk, told.append, lambda: None, clients(server, calm, at))
    assert told[0] == "live is up; Ctrl-C stops it"
    assert server.account.held("AAPL") == held
    assert len(server.asked("POST", "/v2/orders")) == count
    assert "taken_up" in [line.state for line in read(desk / JOURNAL) if isinstance(line, StateRecord)]


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


def test_books_that_come_to_differ_are_only_reduced_until_they_agree(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    def at(index: int, bar: Bar) -> None:
        if index == 10:
            let_trade(desk)
        if index == 200:
            server.account.positions["AAPL"] = [server.account.held("AAPL") + 7, Decimal(100)]
        if index == 450:
            server.account.positions["AAPL"] = [server.account.held("AAPL") - 7, Decimal(100)]

    live(config, desk, lambda line: None, lambda: None, clients(server, bars, at))
    lines = list(read(desk / JOURNAL))
    notes = [line for line in lines if isinstance(line, StateRecord) and line.subject == f"reconciliation:{AAPL}"]
    assert [note.state for note in notes][:2] == ["reduce_only", "released"]
    denied = [line for line in lines if isinstance(line, DenialRecord) and "owned_positions" in line.reason]
    assert denied
    assert all(notes[0].ts <= line.ts <= notes[1].ts for line in denied)


def test_without_approvals_nothing_begins(config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]) -> None:
    changed = replace(config, limits=replace(config.limits, max_exposure_pct=91.0))
    with pytest.raises(GovernanceError, match="gate B"):
        live(changed, desk, lambda line: None, lambda: None, clients(server, bars, lambda *_: None))
    assert not desk.exists()
    assert server.requests == []


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


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_close_that_is_refused_for_the_exits_that_are_on_their_way_out_is_sent_again_as_they_are_gone(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], style: str
) -> None:
    backed = Backed(server.account)
    config = replace(config, execution=replace(config.execution, style=style))

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)

    live(config, desk, lambda line: None, lambda: None, clients(server, bars, at), account="paper")
    assert backed.refused > 0
    assert backed.bare_s
    assert max(backed.bare_s) < config.execution.ack_timeout_s / 2


def test_a_node_that_ends_since_its_journal_cannot_be_written_cancels_what_rests(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, write, left = server.account, Journal.write, []
    monkeypatch.setattr(MomentumScalper, "on_new_signal", partialmethod(wish, order_type="limit"))
    monkeypatch.setattr(account, "_match", lambda order: None)  # so that it rests

    def refuse(journal: Journal, record: Any) -> None:
        if left:
            raise GuardError("the disk is full")
        write(journal, record)

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)
        if index > 60 and not left:
            left.extend(account.open_orders())

    monkeypatch.setattr(Journal, "write", refuse)
    with pytest.raises(GuardError, match="the disk is full"):
        live(config, desk, lambda line: None, lambda: None, clients(server, bars, at), account="paper")
    assert left
    assert account.open_orders() == []


def test_a_stop_that_sells_beside_the_close_is_bought_back_at_once(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    """Where both fill, Nautilus alone would end the process over the second one, and leave what was sold short."""
    account, sold_twice = server.account, []
    submit, cancel = account.submit, account.cancel

    def slow(order_id: str) -> None:
        if account._known(order_id)["type"] != "stop" or sold_twice:
            cancel(order_id)

    def too_late(body: dict[str, Any]) -> dict[str, Any]:
        stop = next((order for order in account.open_orders() if order["type"] == "stop"), None)
        if body["side"] == "sell" and stop is not None and not sold_twice:
            account.fill(stop["id"], stop["qty"], stop["stop_price"])
            answer = submit(body)
            sold_twice.append(account.held("AAPL"))
            return answer
        return submit(body)

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)

    account.submit, account.cancel = too_late, slow  # type: ignore[method-assign]
    told: list[str] = []
    live(config, desk, told.append, lambda: None, clients(server, bars, at), account="paper")
    assert sold_twice[0] < 0
    assert told == ["live is up; Ctrl-C stops it", "winding down: flatten"]
    assert account.held("AAPL") == 0
    late = [line for line in read(desk / JOURNAL) if isinstance(line, OrderRecord) and line.tags[1:] == ("late_fill",)]
    assert "filled" in [line.event for line in late]
