"""Which kill switch `sagetool startup-check` looks at, and how it tells what it found."""

import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sagetrade_nautilus.cli.main import main
from sagetrade_nautilus.cli.startup import show
from sagetrade_nautilus.run.startup.startup import Check, Outcome

RUN = """
name = "x"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-09
end = 2022-05-10
[node]
state = "state/x"
[[strategies]]
plugin = "momentum_scalper"
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "state/x/paper/latch.json: not there yet"),
        (["--latch", "other.json"], "other.json: the file is missing"),
    ],
)
def test_it_is_that_of_the_runs_own_node_unless_one_is_named(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.toml").write_text(RUN)
    monkeypatch.chdir(tmp_path)
    away = ["--venue-url", "http://127.0.0.1:1"]
    monkeypatch.setattr(sys, "argv", ["sagetool", "startup-check", "run.toml", "--mode", "paper", *away, *words])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 11
    told = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("kill switch"))
    assert f" {said}" in told


def test_a_fault_that_several_checks_fail_by_is_told_once() -> None:
    fault = "KEY is not set: export it"
    checks = [
        Check("secrets", Outcome.FAILED, fault),
        Check("disk", Outcome.OK, "not used"),
        Check("redis", Outcome.OK, "not used"),
        Check("venue", Outcome.FAILED, fault),
    ]
    console = Console(file=StringIO(), width=200)
    show(checks, console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [line.split(None, 2)[-1] for line in lines] == [
        fault,
        "not used",
        "not used",
        "as above, at secrets",
    ]
