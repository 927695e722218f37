"""Snapshots: whole, the same when they come back, no secret in them, and no damage that nobody sees."""

import shutil
import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import SnapshotError
from sagetrade_nautilus.guard.journal.journal import check
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.ops.snapshots import copy, restore
from sagetrade_nautilus.ops.snapshots.contents import revision
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.manifest import VERSION, Entry, Part, Snapshot, decode, encode
from sagetrade_nautilus.ops.snapshots.store import Store
from sagetrade_nautilus.secrets import Secret
from tests.support.proposal import small_repository
from tests.support.snapshots import NOW, check_copy, make_home, put


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "snapshots")


def test_everything_is_kept_but_what_is_secret_or_says_what_may_trade(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    assert {entry.path: str(entry.part) for entry in snapshot.entries} == {
        "approvals/A-1.json": "approvals",
        "configs/run.toml": "config",
        "sagetrade_nautilus/guard.py": "code",
        "sagetrade_nautilus/model/weights.npz": "models",
        "state/paper/breaker.json": "state",
        "state/paper/decisions.head": "journal",
        "state/paper/decisions.jsonl": "journal",
        "state/paper/orders.sqlite": "state",
        "strategies/of_one.py": "code",
    }


def test_what_is_brought_back_has_the_same_hash_and_works(home: Path, store: Store, tmp_path: Path) -> None:
    snapshot = create(home, store, NOW)
    folder = tmp_path / "back"
    assert restore.into(store, snapshot, folder) == snapshot.digest()
    again = create(folder, Store(tmp_path / "again"), NOW)
    assert again.entries == snapshot.entries
    assert check(folder / "state/paper/decisions.jsonl").fault is None
    database = sqlite3.connect(folder / "state/paper/orders.sqlite")
    assert database.execute("SELECT id FROM orders").fetchall() == [("one",)]
    database.close()
    assert Latch(folder / "state/paper/latch.json").read().state is State.HALTED, "nothing that comes back may trade"


def test_a_folder_that_is_there_is_not_touched(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    with pytest.raises(SnapshotError, match="there already"):
        restore.into(store, snapshot, home)


def test_the_same_content_is_kept_once(home: Path, store: Store) -> None:
    create(home, store, NOW)
    count = len(list((store.folder / "objects").glob("*/*")))
    create(home, store, NOW + 10**9)
    assert len(list((store.folder / "objects").glob("*/*"))) == count
    assert len(store.names()) == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_a_damaged_content_is_found_and_never_brought_back(
    home: Path, store: Store, tmp_path: Path, damage: str
) -> None:
    snapshot = create(home, store, NOW)
    before = restore.tree_digest(home, snapshot.entries)
    path = store.path_of(snapshot.entries[-1].sha256)
    if damage == "flip":
        path.write_bytes(b"X" + path.read_bytes()[1:])
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    assert len(list(store.faults(snapshot))) == 1
    with pytest.raises(SnapshotError, match=r"damaged|cannot be read"):
        restore.into(store, snapshot, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    with pytest.raises(SnapshotError, match=r"damaged|cannot be read"):
        restore.in_place(home, store, snapshot, VERSION, NOW)
    assert restore.tree_digest(home, snapshot.entries) == before


@given(st.data())
def test_a_manifest_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    snapshot = Snapshot(
        name="n", made_ns=1, note="x", version="v", revision="r", entries=(Entry("a/b", Part.CODE, "0" * 64, 1),)
    )
    raw = encode(snapshot)
    assert decode(raw, "here") == snapshot
    position = data.draw(st.integers(0, len(raw) - 1))
    changed = bytearray(raw)
    changed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SnapshotError):
        decode(bytes(changed), "here")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a//b", ".", "a\\..\\b"])
def test_a_manifest_cannot_reach_out_of_the_home_folder(path: str) -> None:
    snapshot = Snapshot(
        name="n", made_ns=1, note="", version="", revision="", entries=(Entry(path, Part.CODE, "0", 1),)
    )
    with pytest.raises(SnapshotError, match="outside"):
        decode(encode(snapshot), "here")


def test_a_file_with_one_of_our_keys_in_it_stops_the_snapshot(home: Path, store: Store) -> None:
    put(home, "configs/careless.toml", 'note = "cAnArY0123456789"\n')
    with pytest.raises(SnapshotError, match=r"careless\.toml: one of your keys") as caught:
        create(home, store, NOW, masker=Masker([Secret("cAnArY0123456789")]))
    assert "cAnArY" not in str(caught.value)
    assert store.names() == []


def test_a_rollback_brings_back_the_version_and_leaves_the_facts(home: Path, store: Store) -> None:
    old = create(home, store, NOW)
    make_home(home, "two")
    put(home, "state/paper/breaker.json", "new")
    put(home, "approvals/B-1.json", "{}\n")
    restore.in_place(home, store, old, VERSION, NOW)
    assert restore.current(home) == old.digest(VERSION)
    assert not (home / "strategies/of_two.py").exists()
    assert (home / "state/paper/breaker.json").read_text() == "new"
    assert (home / "approvals/B-1.json").exists()
    assert (home / "config/secrets.env").exists()
    assert Latch(home / "state/paper/latch.json").read().state is State.RUNNING, "a version says nothing of the switch"


def test_state_that_comes_back_halts(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    (home / "state/paper/orders.sqlite").write_bytes(b"torn")
    restore.in_place(home, store, snapshot, {Part.STATE}, NOW)
    record = Latch(home / "state/paper/latch.json").read()
    assert (record.state, record.by) == (State.HALTED, "snapshot")
    assert restore.tree_digest(home, snapshot.of({Part.STATE})) == snapshot.digest({Part.STATE})


def test_a_part_that_the_snapshot_has_nothing_of_is_refused_by_name(home: Path, store: Store) -> None:
    shutil.rmtree(home / "approvals")
    with pytest.raises(SnapshotError, match=r"there is nothing of approvals in it; nothing was changed"):
        restore.in_place(home, store, create(home, store, NOW), {Part.APPROVALS}, NOW)


def test_a_journal_that_went_on_is_never_written_over(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    path = home / "state/paper/decisions.jsonl"
    longer = path.read_bytes() + b"more\n"
    path.write_bytes(longer)
    with pytest.raises(SnapshotError, match="move it away first"):
        restore.in_place(home, store, snapshot, {Part.JOURNAL}, NOW)
    assert path.read_bytes() == longer


def test_nothing_is_changed_under_a_node_that_runs(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    with durable.sole(home / "state/paper/node.lock"), pytest.raises(SnapshotError, match="a node runs there"):
        restore.in_place(home, store, snapshot, VERSION, NOW)


def test_a_database_that_a_node_holds_is_left_out_only_if_that_is_said(home: Path, store: Store) -> None:
    database = sqlite3.connect(home / "state/paper/orders.sqlite", isolation_level=None)
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("INSERT INTO orders VALUES ('two')")
    try:
        with pytest.raises(SnapshotError, match=r"orders\.sqlite: a running node holds it"):
            create(home, store, NOW)
        assert store.names() == []
        assert create(home, store, NOW, is_running=True).left_out == ("state/paper/orders.sqlite",)
    finally:
        database.close()


def test_a_journal_that_is_being_written_is_kept_up_to_its_last_whole_line(home: Path, store: Store) -> None:
    with (home / "state/paper/decisions.jsonl").open("ab") as lines:
        lines.write(b'{"half')
    snapshot = create(home, store, NOW)
    entry = next(entry for entry in snapshot.entries if entry.path.endswith(".jsonl"))
    assert store.content(entry).endswith(b"}\n")


def test_the_oldest_go_and_with_them_what_nobody_else_has(home: Path, store: Store) -> None:
    first = create(home, store, NOW)
    put(home, "configs/run.toml", "other")
    second = create(home, store, NOW + 10**9)
    assert store.prune(keep=1) == [first.name]
    assert store.names() == [second.name]
    assert list(store.faults(second)) == []
    gone = {entry.sha256 for entry in first.entries} - {entry.sha256 for entry in second.entries}
    assert gone
    assert not any(store.path_of(sha256).exists() for sha256 in gone)


def test_what_another_process_is_keeping_is_not_forgotten_meanwhile(home: Path, store: Store) -> None:
    for second in range(3):
        create(home, store, NOW + second * 10**9)
    put(home, "configs/run.toml", "other")

    def forget(step: str) -> None:
        if step == "before the manifest":
            with pytest.raises(SnapshotError, match="another process works there"):
                store.prune(keep=1)

    snapshot = create(home, store, NOW + 10**10, mark=forget)
    assert list(store.faults(snapshot)) == []
    assert len(store.names()) == 4


def test_what_was_just_made_is_kept_though_the_clock_was_set_back(home: Path, store: Store) -> None:
    late = create(home, store, NOW)
    put(home, "configs/run.toml", "other")
    made = create(home, store, NOW - 10**18)
    assert store.prune(keep=1, made=made.name) == [late.name]
    assert store.names() == [made.name]
    assert list(store.faults(made)) == []


def test_a_database_that_comes_back_is_the_kept_one_whatever_a_killed_node_left_beside_it(
    home: Path, store: Store
) -> None:
    path = home / "state/paper/orders.sqlite"
    snapshot = create(home, store, NOW)
    node = sqlite3.connect(path)
    node.execute("PRAGMA journal_mode=WAL")
    node.execute("PRAGMA wal_autocheckpoint=0")
    with node:
        node.execute("DELETE FROM orders")
        node.executemany("INSERT INTO orders VALUES (?)", [(f"newer {number}" * 500,) for number in range(50)])
    beside = {Path(f"{path}{end}"): Path(f"{path}{end}").read_bytes() for end in ("-wal", "-shm")}
    whole = path.read_bytes()
    node.close()
    path.write_bytes(whole)  # as kill -9 leaves it
    for left, raw in beside.items():
        left.write_bytes(raw)
    restore.in_place(home, store, snapshot, [Part.STATE], NOW)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("SELECT id FROM orders").fetchall() == [("one",)]
    database.close()


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_copy_elsewhere_brings_back_the_same(home: Path, store: Store, tmp_path: Path, kind: str) -> None:
    url = f"file://{tmp_path / 'far'}" if kind == "file" else f"memory://{tmp_path.name}"
    check_copy(url, home, store, Store(tmp_path / "elsewhere"))


def test_a_copy_that_was_damaged_elsewhere_is_refused(home: Path, store: Store, tmp_path: Path) -> None:
    far = tmp_path / "far"
    snapshot = create(home, store, NOW)
    copy.push(store, snapshot, f"file://{far}")
    (far / "objects" / snapshot.entries[0].sha256).write_bytes(b"other")
    elsewhere = Store(tmp_path / "elsewhere")
    with pytest.raises(SnapshotError, match="damaged there"):
        copy.pull(f"file://{far}", snapshot.name, elsewhere)
    assert elsewhere.names() == []


def test_a_service_that_nobody_installed_is_named() -> None:
    with pytest.raises(SnapshotError, match="s3://bucket"):
        copy.names("s3://bucket/folder")


def test_a_name_may_be_shortened_while_it_is_the_only_one(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    assert store.get(snapshot.name[:10]) == snapshot
    create(home, store, NOW + 10**9)
    with pytest.raises(SnapshotError, match="several"):
        store.get(snapshot.name[:10])
    with pytest.raises(SnapshotError, match="none is or begins with"):
        store.get("1999")


def test_a_name_may_be_shortened_elsewhere_too_and_several_are_named(home: Path, store: Store, tmp_path: Path) -> None:
    far, elsewhere = f"file://{tmp_path / 'far'}", Store(tmp_path / "elsewhere")
    first = create(home, store, NOW)
    copy.push(store, first, far)
    assert copy.pull(far, first.name[:10], elsewhere) == first
    second = create(home, store, NOW + 10**9)
    copy.push(store, second, far)
    with pytest.raises(SnapshotError, match=f"several begin with .*: {first.name}, {second.name}; .*list --from {far}"):
        copy.pull(far, first.name[:10], elsewhere)
    with pytest.raises(SnapshotError, match="none is or begins with '1999'"):
        copy.pull(far, "1999", elsewhere)
    assert elsewhere.names() == [first.name]


def test_a_plan_that_cannot_be_read_stops_everything(home: Path, store: Store) -> None:
    snapshot = create(home, store, NOW)
    put(home, f"{restore.WORK}/{restore.PLAN}", msgspec.json.encode({"torn": True}))
    with pytest.raises(SnapshotError, match="cannot be read"):
        restore.in_place(home, store, snapshot, VERSION, NOW)


@pytest.mark.parametrize("names", [((), ("../mine",)), (("../mine",), ()), ((), ("/mine",))])
def test_a_plan_that_names_files_outside_of_the_home_folder_is_not_followed(
    home: Path, names: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    placed, removed = names
    mine = home.parent / "mine"
    mine.write_text("mine")
    entries = tuple(Entry(name, Part.CONFIG, "0", 1) for name in placed)
    put(home, f"{restore.WORK}/{restore.PLAN}", msgspec.json.encode(restore.Plan("s", (), entries, removed)))
    with pytest.raises(SnapshotError, match="outside of the home folder"):
        restore.resume(home)
    assert mine.read_text() == "mine"


def test_the_revision_is_that_of_the_home_whatever_repository_a_hook_runs_in(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert revision(home) == ""
