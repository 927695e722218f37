"""Which kill switch `sagetool startup-check` looks at."""

import sys
from pathlib import Path

import pytest

from sagetrade_nautilus.cli.main import main

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
