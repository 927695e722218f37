"""`sagetool stop` and its like, before they touch anything."""

import errno
import sys
from pathlib import Path

import pytest

from sagetrade_nautilus import durable
from sagetrade_nautilus.cli import killswitch, watchdog
from sagetrade_nautilus.cli.main import main
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.node.state import held
from tests.support.latch import put


@pytest.mark.parametrize("command", ["stop", "status", "resume", "password", "watchdog"])
@pytest.mark.parametrize("latch", ["", ".", "..", "/"])
def test_a_kill_switch_without_a_name_is_refused_with_an_example(
    command: str, latch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sagetool", command, "--latch", latch])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "name the file, such as state/latch.json" in " ".join(capsys.readouterr().err.split())


def test_a_kill_switch_in_a_home_that_no_shell_has_put_in_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shells leave `--latch=~/state/live/latch.json` as it is; a stop of a file in a folder called ~ stops nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["sagetool", "stop", "--latch=~/state/live/latch.json"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "no shell has" in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


def test_a_password_that_is_no_text_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def latin(prompt: str) -> str:
        return b"caf\xe9".decode()

    monkeypatch.setattr(killswitch, "_need_terminal", lambda what: None)
    monkeypatch.setattr("getpass.getpass", latin)
    with pytest.raises(KillSwitchError, match="set the terminal to UTF-8"):
        killswitch.password(tmp_path / "latch.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["resume", "password", "watchdog"])
def test_where_several_kill_switches_could_be_meant_none_is_and_each_is_named(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for node in ("live", "paper"):
        (tmp_path / "state" / node).mkdir(parents=True)
        put(tmp_path / "state" / node / "latch.json")
    monkeypatch.setattr(sys, "argv", ["sagetool", command])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 9
    said = capsys.readouterr().err
    assert "name one with --latch: state/live/latch.json, state/paper/latch.json" in " ".join(said.split())


@pytest.mark.parametrize("words", [[], ["--heartbeat", "state/paper/latch.heartbeat"]])
def test_a_watchdog_that_would_watch_nothing_refuses_and_makes_no_file(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAGETRADE_LATCH", raising=False)
    monkeypatch.setattr(sys, "argv", ["sagetool", "watchdog", *words])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 9
    assert "there is nothing to watch; run it where the node runs" in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([], "https://paper-api.alpaca.markets"),
        (["--account", "live"], "https://api.alpaca.markets"),
        (["--account", "live", "--broker-url", "http://127.0.0.1:9"], "http://127.0.0.1:9"),
    ],
)
def test_a_watchdog_cuts_at_the_account_that_it_is_told(
    words: list[str], asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = pytest.importorskip("adapters.alpaca.switch", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")
    monkeypatch.setenv("APCA_API_KEY_ID", "key")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "secret")
    addresses: list[str] = []
    monkeypatch.setattr(switch, "AlpacaSwitch", lambda key, secret, url: addresses.append(url))
    monkeypatch.setattr(watchdog, "_watch", lambda dog: None)
    latch = str(put(tmp_path / "latch.json").path)
    command = ["sagetool", "watchdog", "--latch", latch, "--broker", "alpaca", *words]
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit):
        main()
    assert addresses == [asked]


def test_a_folder_with_brackets_in_its_name_is_told_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a[red]b").mkdir()
    put(tmp_path / "a[red]b" / "latch.json")
    monkeypatch.setenv("COLUMNS", "400")
    killswitch.stop(latch=tmp_path / "a[red]b" / "latch.json")
    assert "a[red]b/latch.json" in capsys.readouterr().out


def test_a_stop_that_finds_no_kill_switch_fails_and_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KillSwitchError, match="so NOTHING was stopped; run it where the nodes run"):
        killswitch.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_stop_reaches_a_node_whose_folder_is_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("disk/live", "state"):
        (tmp_path / folder).mkdir(parents=True)
    put(tmp_path / "disk" / "live" / "latch.json")
    (tmp_path / "state" / "live").symlink_to(tmp_path / "disk" / "live")
    killswitch.stop()
    assert Latch(tmp_path / "disk" / "live" / "latch.json").read().state is State.HALTED


def test_of_a_switch_that_only_others_may_read_nothing_is_said_but_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path | str) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    put(tmp_path / "latch.json")
    monkeypatch.setattr(durable, "read", refuse)
    with pytest.raises(KillSwitchError, match="a node may be trading; ask as the user that runs the node"):
        killswitch.status(tmp_path / "latch.json")
    assert capsys.readouterr().out == ""


def test_a_stop_does_not_say_that_no_node_runs_where_its_lock_is_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A heartbeat can be missing: the disk was full, or the node has only just begun."""
    put(tmp_path / "latch.json")
    with held(tmp_path):
        killswitch.stop(latch=tmp_path / "latch.json")
    said = " ".join(capsys.readouterr().out.split())
    assert "running -> halted" in said
    assert "A node is running here, without a heartbeat that can be read" in said
    assert "No node is running" not in said
