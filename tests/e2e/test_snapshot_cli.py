"""`sagetool snapshot`: from a bad release back to the version before it, by one command, and forth again."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sagetrade_nautilus.cli.snapshot import app
from sagetrade_nautilus.cli.startup import require_ready
from sagetrade_nautilus.errors import GovernanceError, SnapshotError
from sagetrade_nautilus.ops.snapshots import restore
from sagetrade_nautilus.run.startup.startup import Mode
from tests.support.snapshots import make_home, put


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = make_home(tmp_path / "home")
    (made / "config" / "secrets.env").chmod(0o600)
    monkeypatch.chdir(made)
    return made


def sagetool(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_rollback_is_one_command_and_can_be_taken_back(home: Path) -> None:
    assert sagetool("create", "--note", "good").exit_code == 0
    good = restore.current(home)
    make_home(home, "two")
    bad = restore.current(home)
    done = sagetool("rollback")
    assert done.exit_code == 0, done.output
    assert "kept what is there now" in done.output
    assert restore.current(home) == good
    assert sagetool("rollback").exit_code == 0
    assert restore.current(home) == bad


def test_what_was_cut_off_is_finished_by_the_same_command_which_then_does_nothing_else(home: Path) -> None:
    class CutError(Exception):
        pass

    def cut(step: str) -> None:
        if step == "after the plan":
            raise CutError

    sagetool("create")
    good = restore.current(home)
    make_home(home, "two")
    sagetool("create")
    from sagetrade_nautilus.ops.snapshots.store import Store

    kept = Store(home / "snapshots")
    with pytest.raises(CutError):
        restore.in_place(home, kept, kept.get(kept.names()[0]), restore.VERSION, 1, cut)
    with pytest.raises(GovernanceError, match="sagetool snapshot resume"):
        require_ready(home / "configs" / "run.toml", Mode.PAPER, home / "state" / "latch.json")
    done = sagetool("rollback")
    assert "nothing else was done" in done.output
    assert restore.current(home) == good


def test_verify_reads_every_byte(home: Path) -> None:
    sagetool("create")
    assert sagetool("verify", "20").exit_code == 0
    next((home / "snapshots" / "objects").glob("*/*")).write_bytes(b"x")
    assert isinstance(sagetool("verify", "20").exception, SnapshotError)


def test_a_snapshot_is_listed_copied_and_fetched_into_a_new_folder(home: Path, tmp_path: Path) -> None:
    far = f"file://{tmp_path / 'far'}"
    assert "copied to" in sagetool("create", "--note", "nightly", "--to", far).output
    listed = sagetool("list").output
    assert "nightly" in listed
    name = listed.split()[0]
    assert sagetool("list", "--from", far).output.strip() == name
    done = sagetool("restore", name, "--from", far, "--into", "back", "--store", "fetched")
    assert done.exit_code == 0, done.output
    assert (home / "back" / "strategies" / "of_one.py").exists()


def test_a_key_in_a_file_stops_it_and_is_not_shown(home: Path) -> None:
    put(home, "configs/careless.toml", "cAnArY0123456789")
    done = sagetool("create")
    assert isinstance(done.exception, SnapshotError)
    assert "cAnArY" not in f"{done.output}{done.exception}"


def test_where_it_shall_go_must_be_said(home: Path) -> None:
    sagetool("create")
    with pytest.raises(SnapshotError, match="say where"):
        raise sagetool("restore", "20").exception or AssertionError
