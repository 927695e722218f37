"""A snapshot, a restore and a rollback, killed at every one of their steps: what is there is the old or the new."""

import shutil
import signal
from pathlib import Path

import pytest

from sagetrade_nautilus.ops.snapshots import restore
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.manifest import VERSION
from sagetrade_nautilus.ops.snapshots.store import Store
from tests.support.snapshots import NOW, die_at, make_home

pytestmark = pytest.mark.slow


def test_a_snapshot_that_is_killed_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    step, seen = 0, set()
    while True:
        step += 1
        store = Store(tmp_path / f"store-{step}")
        ended = die_at(step, "create", home, store.folder)
        names = store.names()
        seen.add(len(names))
        assert all(not list(store.faults(store.get(name))) for name in names)
        again = create(home, store, NOW + 1)
        assert not list(store.faults(again))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert step > 5
    assert seen == {0, 1}


def test_a_rollback_that_is_killed_leaves_the_old_or_is_finished_by_the_next(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    store = Store(tmp_path / "store")
    old = create(home, store, NOW)
    make_home(home, "two")
    facts = (home / "state/paper/decisions.jsonl").read_bytes()
    new_digest = restore.current(home)
    step, outcomes = 0, set()
    while True:
        step += 1
        tried = tmp_path / f"home-{step}"
        shutil.copytree(home, tried)
        ended = die_at(step, "rollback", tried, store.folder, old.name)
        cut_off = restore.pending(tried) is not None
        finished = restore.resume(tried)
        found = restore.current(tried)
        assert found in ((old.digest(VERSION),) if cut_off or ended == 0 else (old.digest(VERSION), new_digest))
        assert finished == (old.name if cut_off else None)
        assert (tried / "state/paper/decisions.jsonl").read_bytes() == facts
        assert not (tried / restore.WORK).exists()
        outcomes.add((cut_off, found == new_digest))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert step > 8
    assert (False, True) in outcomes, "it never died before its plan"
    assert (True, False) in outcomes, "it never died after its plan"
