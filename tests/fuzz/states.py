"""Targets: what snapshots, approvals, experiments and reports keep in files."""

from collections.abc import Callable
from functools import cache
from shutil import rmtree

import msgspec
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.enums import OmsType

from actors.canary import read_canary
from adapters.paper.commands import saved_command
from catalog.instruments import instrument_for
from sagetrade_nautilus.dashboard.curves import read_equity
from sagetrade_nautilus.dashboard.journals import Journals, explained
from sagetrade_nautilus.dashboard.places import Runs, run_config
from sagetrade_nautilus.errors import (
    DataError,
    ExperimentError,
    GovernanceError,
    JournalError,
    RunError,
    SnapshotError,
    StateError,
)
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.execution.packing import pack
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments.delivery import report
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.store import FILE, ExperimentStore, HistoryEvent, kept
from sagetrade_nautilus.experiments.sweeps import tasks
from sagetrade_nautilus.experiments.sweeps.results import Results
from sagetrade_nautilus.governance import store as approvals
from sagetrade_nautilus.governance.approvals import Approval, Gate, Subject
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.model.canary import Canary
from sagetrade_nautilus.ops.snapshots import restore
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.manifest import Part, decode, encode
from sagetrade_nautilus.ops.snapshots.store import Store as Snapshots
from sagetrade_nautilus.report.write import CONFIG, METRICS
from tests.fuzz.configs import SMALL
from tests.fuzz.guards import DEEP, NOW_NS, journal_seed
from tests.fuzz.target import Target, folder, fresh, put, refused, untouched
from tests.support.snapshots import make_home

EXPERIMENT = b"""{"id": "exp-20261126-001", "name": "n", "hypothesis": "h", "proposer": "human", "config": "c.toml",
"base": "b", "seed": 1, "created_at": "2026-11-26T09:00:00Z"}"""
REPORT = b"""{"experiment_id": "exp-20261126-001", "branch": "b", "hypothesis": "h", "artifacts": []}"""
EQUITY = b"timestamp,equity,buy_and_hold\n2022-01-01 00:00:00+00:00,1.0,1.0\n2022-01-01 00:05:00+00:00,1.5,2\n"
PLAN = b"""{"name":"s","parts":["config"],"removed":[],
"entries":[{"path":"configs/a","part":"config","sha256":"0","size":1}]}"""
ODD_PLANS = (
    PLAN.replace(b"configs/a", b"../escaped"),
    PLAN.replace(b'"removed":[]', b'"removed":["../../escaped","/tmp"]'),
)
MARKET = pack(instrument_for("BTCUSDT.BINANCE"))
CANARY = msgspec.json.encode(Canary(experiment="e", start=1.0, allocated=0.1, ts=(1,), worth=(0.1,)))
APPROVAL = msgspec.json.encode(Approval(Gate.A, "anna", "2026-11-26T09:00:00Z", Subject(policy="p"), "s"))


def order_file() -> bytes:
    """Return a file of orders that holds one market."""
    path = fresh("orders-seed") / "orders.sqlite"
    store = OrderStore(path)
    store.add_instrument(instrument_for("BTCUSDT.BINANCE"))
    store.close()
    return path.read_bytes()


@cache
def snapshot() -> tuple[Snapshots, str, bytes]:
    """Return a store with one snapshot, its name and its manifest."""
    root = fresh("snapshots")
    store = Snapshots(root / "store")
    made = create(make_home(root / "home"), store, now_ns=NOW_NS, note="fuzz")
    return store, made.name, encode(made)


def manifest(raw: bytes) -> None:
    store, name, sound = snapshot()
    path = put(store.folder / "manifests" / f"{name}.json", raw)
    target = path.parents[2] / "restored"
    try:
        with untouched(store.folder), refused(SnapshotError, naming=".json"):
            found = decode(raw, str(path))
            assert encode(found) == raw
            assert store.get(name) == found
            restore.into(store, found, target)
    finally:
        put(path, sound)
    assert raw == sound or not target.exists()
    fresh("snapshots/restored").rmdir()


def content(raw: bytes) -> None:
    store, name, _ = snapshot()
    found = store.get(name)
    path = store.path_of(found.entries[0].sha256)
    sound = path.read_bytes()
    put(path, raw)
    target = folder("restored-content")
    try:
        with refused(SnapshotError):
            restore.into(store, found, target)
            assert raw == sound
            rmtree(target)
        assert not target.exists()
    finally:
        put(path, sound)


def plan(raw: bytes) -> None:
    """A plan is finished as it stands, or refused; nothing outside the home folder is ever touched."""
    root = fresh("plan")
    home = root / "home"
    put(root / "escaped", b"mine")
    put(root.parent / "escaped", b"mine")
    put(home / "configs/a", b"x")
    put(home / restore.WORK / restore.PLAN, raw)
    with refused(SnapshotError, naming="home"):
        restore.resume(home)
    assert (root / "escaped").read_bytes() == b"mine"
    assert (root.parent / "escaped").read_bytes() == b"mine"


def approval(raw: bytes) -> None:
    path = put(folder("approvals") / "A-1.json", raw)
    put(path.with_name("allowed_signers"), b"anna ssh-ed25519 AAAA\n").unlink()
    with untouched(path.parent), refused(GovernanceError, naming="A-1.json"):
        (judged,) = approvals.read(path.parent)
        assert judged.fault


def experiment(raw: bytes) -> None:
    store = ExperimentStore(folder("experiments"))
    put(store.folder("exp-20261126-001") / FILE, raw)
    with untouched(store.directory):
        assert store.ids() == ["exp-20261126-001"]
        with refused(ExperimentError, naming=FILE):
            store.load("exp-20261126-001")


def experiment_file(raw: bytes) -> None:
    place = folder("evidence")
    path = put(place / "outcome.json", raw)
    put(place / report.REPORT, raw)
    results = Results(place / "results", "context")
    key = results.key("f", b"t")
    put(place / "results" / key[:2] / key, raw)
    with untouched(place):
        for read in (tasks.read_outcome, lambda path: kept(path, Experiment), lambda path: kept(path, dict[str, int])):
            with refused(ExperimentError, naming="outcome.json"):
                read(path)
        with refused(ExperimentError, naming="evidence"):
            report.read(place)
        assert results.get(key) is None


def ledger(raw: bytes) -> None:
    path = put(folder("ledger") / "history.jsonl", raw)
    with untouched(path.parent), refused(ExperimentError, naming="history.jsonl"):
        chained.read(path, HistoryEvent)


def canary(raw: bytes) -> None:
    path = put(folder("canary") / "exp.json", raw)
    with untouched(path.parent), refused(RunError, naming="exp.json"):
        read_canary(path)


def equity(raw: bytes) -> None:
    path = put(folder("equity") / "equity.csv", raw)
    with untouched(path.parent), refused(DataError, naming="equity.csv"):
        assert len(read_equity(path).ts)


def past_run(raw: bytes) -> None:
    """What the dashboard reads of a run's folder: it tells a fault instead of raising."""
    place = folder("runs") / "demo"
    put(place / METRICS, raw)
    put(place / CONFIG, raw)
    journal = put(place / "decisions.jsonl", raw)
    with untouched(place):
        (run,) = Runs(folder("runs")).all()
        assert (run.metrics is None) == bool(run.fault)
        run_config(run)
        with Journals().reading(journal) as found:
            assert found.lines or found.fault or b"\n" not in raw
        Journals().fault(journal)
        with refused(JournalError):
            explained(journal, "m-1@5")


def orders(raw: bytes) -> None:
    """The file of orders, and a row within a sound one: read, or told as what nothing may go on from."""
    place = fresh("orders")
    with refused(StateError, naming="orders.sqlite"):
        _restored(OrderStore(put(place / "orders.sqlite", raw)))
    sound = OrderStore(place / "sound.sqlite")
    with refused(StateError, naming="sound.sqlite"), sound.changes():
        sound.write("instruments", "x", raw)
        sound._db.execute("INSERT INTO orders VALUES ('O-1', NULL, 0, ?)", (raw.decode("utf-8", "replace"),))
        sound._db.execute("INSERT INTO events (id, position, raw) VALUES ('O-1', NULL, ?)", (raw,))
    _restored(sound)


def command(raw: bytes) -> None:
    with refused(StateError):
        arrival, packed = saved_command(raw)
        assert (type(arrival), type(packed)) == (int, str)


def _restored(store: OrderStore) -> None:
    with refused(StateError, naming=".sqlite"):
        try:
            store.restore(Cache(), OmsType.HEDGING)
        finally:
            store.close()


def halts(raw: bytes) -> None:
    """A snapshot's state that comes back, whatever it is, finds its kill switch halted."""
    root = fresh("halts")
    home, store = root / "home", Snapshots(root / "store")
    put(home / "state/paper/breaker.json", raw)
    made = create(home, store, now_ns=NOW_NS, note="fuzz")
    restore.in_place(home, store, made, [Part.STATE], NOW_NS)
    assert (home / "state/paper/breaker.json").read_bytes() == raw
    assert Latch(home / "state/paper/latch.json").read().state is State.HALTED


def _many(check: Callable[[bytes], None], *seeds: bytes, slow: bool = False) -> Target:
    return Target((*seeds, DEEP, b'{"x":"\xff"}'), check, slow=slow)


TARGETS = {
    "snapshot-manifest": _many(manifest, snapshot()[2], snapshot()[2].replace(b"configs", b"../.."), slow=True),
    "snapshot-content": _many(content, b"guard", slow=True),
    "snapshot-plan": _many(plan, PLAN, *ODD_PLANS, slow=True),
    "orders": _many(orders, order_file(), MARKET, b"[]", slow=True),
    "saved-command": _many(command, b'[1640995200000000000,"packed"]'),
    "snapshot-state": _many(halts, b"{}", slow=True),
    "approval": _many(approval, APPROVAL, APPROVAL.replace(b"policy", b"code"), slow=True),
    "experiment": _many(experiment, EXPERIMENT),
    "experiment-files": _many(experiment_file, EXPERIMENT, REPORT, b"{}"),
    "experiment-ledger": _many(ledger, journal_seed(), b""),
    "canary": _many(canary, CANARY),
    "equity": _many(equity, EQUITY, EQUITY.replace(b"1.5", b"inf"), EQUITY.replace(b"2022", b"9999"), b"timestamp\n"),
    "past-run": _many(past_run, journal_seed(), SMALL, b"{}", slow=True),
}
