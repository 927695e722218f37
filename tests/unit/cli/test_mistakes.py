"""Every command tells a wrong word in one line, with the exit code that docs/safety.md lists, and never a traceback."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.cli.app import COMMANDS, command
from sagetrade_nautilus.cli.main import main

CONFIG = "nowhere.toml"
EXPERIMENT = ("exp-20260101-001", "--config", CONFIG)
TRIED = {
    "backtest": ([CONFIG], 2),
    "replay": ([CONFIG], 2),
    "paper": ([CONFIG], 2),
    "trial": ([CONFIG], 2),
    "live": ([CONFIG], 2),
    "ingest": ([CONFIG], 2),
    "score": ([CONFIG], 2),
    "startup-check": ([CONFIG], 11),
    "doctor": ([CONFIG], 11),
    "dashboard": (["--host", "0.0.0.0"], 2),  # noqa: S104 - it is refused
    "explain": (["trade-0001", "--run", "nowhere"], 8),
    "rollback": ([*EXPERIMENT, "--reason", "x"], 2),
    "stop": (["--latch", "file/latch.json"], 9),
    "resume": (["--latch", "file/latch.json"], 9),
    "password": ([], 9),
    "watchdog": (["--latch", "file/latch.json"], 9),
    "fetch bars": (["--venue", "binance", "--symbol", "X", "--interval", "7x", "--start", "2024-01-01"], 2),
    "import bars": (["nowhere.csv", "--instrument", "X.Y", "--timestamps", "open"], 3),
    "import texts": (["nowhere.csv"], 3),
    "strategy new": (["No-Name"], 2),
    "strategy check": (["momentum_scalper", "--config", CONFIG], 2),
    "check lookahead": ([CONFIG], 2),
    "check texthelp": ([CONFIG], 2),
    "check parity": ([CONFIG], 2),
    "journal verify": (["nowhere.jsonl"], 8),
    "gate status": ([CONFIG], 2),
    "gate approve": (["A", "--as", "anna"], 11),
    "snapshot create": (["--home", "nowhere"], 12),
    "snapshot verify": (["nowhere"], 12),
    "snapshot restore": (["nowhere"], 12),
    "snapshot rollback": (["nowhere"], 12),
    "lease run": (["--name", "x", "--server", "ftp://x", "--namespace", "x", "--", "true"], 2),
    "experiment create": (["--name", "x", "--config", CONFIG], 2),
    "experiment run": ([*EXPERIMENT], 2),
    "experiment list": (["--config", CONFIG], 2),
    "experiment show": ([*EXPERIMENT], 2),
    "experiment compare": ([*EXPERIMENT], 2),
    "experiment approve": ([*EXPERIMENT], 2),
    "experiment reject": ([*EXPERIMENT, "--reason", "x"], 2),
    "experiment pr": ([*EXPERIMENT], 2),
    "experiment merged": ([*EXPERIMENT], 2),
    "experiment watch": ([*EXPERIMENT], 2),
    "experiment verify": (["a", "b", "--branch", "c"], 13),
}
SAY_WHAT_THERE_IS = frozenset(
    {"status", "verify-installation", "data check", "data list", "strategy list", "snapshot list", "snapshot resume"}
)
"""Commands that take nothing that could be wrong, or for which what is missing is an answer."""


def _names() -> Iterator[str]:
    for name in COMMANDS:
        inner = getattr(command(name), "commands", None)
        yield from [name] if inner is None else (f"{name} {each}" for each in inner)


def test_every_command_is_tried() -> None:
    assert set(_names()) == set(TRIED) | SAY_WHAT_THERE_IS


@pytest.mark.parametrize("name", TRIED)
def test_a_wrong_word_is_one_line_and_a_documented_code(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], project_root: Path
) -> None:
    arguments, code = TRIED[name]
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    monkeypatch.setattr(sys, "argv", ["sagetool", *name.split(), *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    said = capfd.readouterr()
    assert left.value.code == code
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.out + said.err
    assert f"| {code} |" in (project_root / "docs/safety.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["backtest", "replay"])
def test_a_folder_where_no_report_can_go_is_told_before_the_run_takes_its_time(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], project_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").write_text("a file")
    monkeypatch.setattr(sys, "argv", ["sagetool", name, str(project_root / "configs/demo.toml")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 6
    assert capfd.readouterr().err.startswith("error: runs: the report could not be written: ")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_where_no_snapshot_was_made_the_list_says_how_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["sagetool", "snapshot", "list"])
    with pytest.raises(SystemExit):
        main()
    assert capfd.readouterr().out == "no snapshot in snapshots; `sagetool snapshot create` makes one\n"


def test_where_no_experiment_was_made_the_list_says_how_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], project_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = str(project_root / "configs/experiment.toml")
    monkeypatch.setattr(sys, "argv", ["sagetool", "experiment", "list", "--config", config])
    with pytest.raises(SystemExit):
        main()
    assert capfd.readouterr().out == "no experiment in experiments; `sagetool experiment create` begins one\n"


@pytest.mark.parametrize("moment", ["2021-12-31T23:59", "2022-07-01T00:01"])
def test_a_replay_from_a_moment_outside_of_its_run_is_refused(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], project_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = str(project_root / "configs/demo.toml")
    monkeypatch.setattr(sys, "argv", ["sagetool", "replay", config, "--from", moment])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    says = f"error: --from {moment}: the run is from 2022-01-01 to 2022-07-01; name a moment within it\n"
    assert capfd.readouterr().err == says
    assert list(tmp_path.iterdir()) == []
