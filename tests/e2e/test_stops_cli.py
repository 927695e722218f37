"""`sagetool explain breaker` on what a real run left."""

from pathlib import Path

import pytest
from rich.console import Console

from sagetrade_nautilus.cli.explain import explain
from sagetrade_nautilus.cli.stops import render
from sagetrade_nautilus.config import load
from sagetrade_nautilus.guard.journal.records import StateRecord, TripRecord
from sagetrade_nautilus.guard.journal.stops import stops
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.run.backtest import prepare, run

RUN = """
name = "days"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-09
end = 2022-05-12
sample = true
texts = false
catalog = "{catalog}"
[limits]
max_daily_loss_pct = {loss}
[[strategies]]
plugin = "momentum_scalper"
[[strategies]]
plugin = "mean_reversion_scalper"
"""


def _explained(folder: Path, loss: float, capsys: pytest.CaptureFixture[str]) -> str:
    (folder / "run.toml").write_text(RUN.format(catalog=folder / "catalog", loss=loss))
    config = load(folder / "run.toml")
    prepare(config)
    run(config, folder / "decisions.jsonl")
    explain("breaker", folder)
    return capsys.readouterr().out


def test_it_says_which_number_stopped_trading_and_how_far_every_limit_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _explained(tmp_path, 0.1, capsys)
    assert "reduce_only: max_daily_loss_pct 0.1" in shown
    assert "  released 2022-05-11 00:00:00 by the next day" in shown
    assert "How far every limit was when max_daily_loss_pct tripped" in shown
    assert "max_open_trades" in shown


def test_it_says_that_nothing_ever_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Trading was never stopped" in _explained(tmp_path, 90.0, capsys)


def _shown(*records: TripRecord | StateChange | StateRecord) -> str:
    console = Console(width=80, record=True, file=None, force_terminal=False)
    with console.capture() as shown:
        console.print(render(*stops(records)))
    return shown.get()


def test_a_trip_that_holds_says_what_it_waits_for_and_what_is_unknown_comes_first() -> None:
    trip = TripRecord(
        ts=1_800_000_000_000_000_000,
        rule="max_drawdown_pct",
        value=21.0,
        threshold=20.0,
        state="halted",
        release="person",
        limits=(("max_drawdown_pct", 21.0, 20.0), ("max_price_age_s", None, 900.0), ("max_open_trades", 1.0, 4.0)),
    )
    lines = _shown(trip).splitlines()
    assert lines[0] == "2027-01-15 08:00:00 halted: max_drawdown_pct 21 against 20"
    assert lines[1] == "  until a person resumes"
    assert [line.split()[0] for line in lines[-3:]] == ["max_price_age_s", "max_drawdown_pct", "max_open_trades"]


def test_changes_of_the_kill_switch_say_who_and_why_in_plain_text() -> None:
    change = StateChange(
        ts=1_800_000_000_000_000_000,
        before=State.RUNNING,
        after=State.HALTED,
        reason="[bold]odd\x1b[31m",
        by="cli:anna",
        sequence=5,
        flatten=True,
        changed=True,
    )
    shown = _shown(change)
    assert "kill switch running -> halted, closing positions, by cli:anna: [bold]odd" in " ".join(shown.split())
    assert "\x1b" not in shown
