"""`sagetool replay`, `paper`, `live` and `check parity`, as somebody runs them."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.journal.journal import read

pytestmark = pytest.mark.slow

CONFIG = """
name = "days"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-08
end = 2022-05-10
sample = true
catalog = "{folder}/catalog"
[report]
directory = "{folder}/runs"
bootstrap_samples = 100
[node]
state = "{folder}/state"
{node}
[[strategies]]
plugin = "mean_reversion_scalper"
"""


def config(folder: Path, node: str = "") -> Path:
    path = folder / "run.toml"
    path.write_text(CONFIG.format(folder=folder, node=node))
    return path


def sagetool(*words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "sagetrade_nautilus.cli", *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.mark.parametrize(
    ("runner", "node"),
    [("backtest", ""), ("replay", ""), ("paper", 'data = "binance"\nexecution = "paper"'), ("live", "")],
)
def test_no_runner_starts_with_an_account_in_another_currency(tmp_path: Path, runner: str, node: str) -> None:
    name, priced, other = ("AAPL.ALPACA", "USD", "EUR") if runner == "live" else ("BTCUSDT.BINANCE", "USDT", "USD")
    path = config(tmp_path, node)
    path.write_text(path.read_text().replace("BTCUSDT.BINANCE", name) + f'[venue]\ncurrency = "{other}"\n')
    done = sagetool(runner, path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"`venue.currency`: {name} is priced in {priced}, not in '{other}'; set it to '{priced}'" in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("runner", ["replay", "paper"])
def test_the_catalog_is_played_and_a_report_written(tmp_path: Path, runner: str) -> None:
    done = sagetool(runner, config(tmp_path), "--quiet")
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path / "runs" / runner
    assert (folder / "report.html").is_file()
    assert list(read(folder / "decisions.jsonl"))


def test_a_real_feed_is_not_traded_on_the_backtests_exchange(tmp_path: Path) -> None:
    done = sagetool("paper", config(tmp_path, 'data = "binance"'))
    assert done.returncode == 2
    assert "node.execution" in done.stderr
    assert not (tmp_path / "state").exists()


def test_parity_holds_for_a_day_and_says_that_no_decision_was_compared(tmp_path: Path) -> None:
    done = sagetool("check", "parity", config(tmp_path), "--day", "2022-05-09")
    assert done.returncode == 0, done.stderr
    assert "signals" in done.stdout
    assert "No decision was compared" in done.stdout


def counted(table: str, kind: str) -> list[int]:
    """Return how many pieces of a kind are the same, and how many are not."""
    row = next(line.split() for line in table.splitlines() if line.split()[:1] == [kind])
    return [int(count.replace(",", "")) for count in row[1:3]]


def test_parity_with_the_paper_venue_holds_for_two_wild_days(tmp_path: Path) -> None:
    done = sagetool("check", "parity", config(tmp_path), "--execution", "paper")
    assert done.returncode == 0, done.stderr
    assert counted(done.stdout, "signals") == [500, 0]
    assert counted(done.stdout, "decisions") == [10, 0]
    assert "No decision" not in done.stdout
    assert sum(counted(done.stdout, "orders")) >= 10
    assert "other" not in done.stdout


def test_what_the_paper_venue_rejects_parts_it_from_the_backtest_and_is_named(tmp_path: Path) -> None:
    done = sagetool("check", "parity", config(tmp_path, "reject_share = 0.5\nseed = 3"), "--execution", "paper")
    assert done.returncode == 10
    assert counted(done.stdout, "signals") == [500, 0]
    assert counted(done.stdout, "decisions")[1] > 0
    assert re.search(r"\d reject ", done.stdout)
    assert "other" not in done.stdout


def test_parity_that_does_not_hold_is_code_10_and_names_the_first_difference(tmp_path: Path) -> None:
    done = sagetool("check", "parity", config(tmp_path, "feed_latency_ms = 250.0"))
    assert done.returncode == 10
    assert "latency" in done.stdout
    assert "parts from the backtest: 2022-05-" in done.stderr


def test_ctrl_c_leaves_a_closed_journal_and_code_130(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "sagetrade_nautilus.cli", "replay", str(config(tmp_path)), "--speed", "600"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as node:
        deadline = time.monotonic() + 90
        while not (tmp_path / "state" / "replay" / "latch.heartbeat").exists():
            assert time.monotonic() < deadline
            assert node.poll() is None
            time.sleep(0.05)
        time.sleep(1.0)
        node.send_signal(signal.SIGINT)
        said, _ = node.communicate(timeout=60)
    assert node.returncode == 130
    assert "the journal is closed" in said
    assert list(read(tmp_path / "state" / "replay" / "decisions.jsonl"))
    assert not (tmp_path / "runs").exists()


def test_a_replay_that_is_killed_leaves_a_journal_that_verifies_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "sagetrade_nautilus.cli", "replay", str(config(tmp_path)), "--speed", "600"]
    journal = tmp_path / "state" / "replay" / "decisions.jsonl"
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as node:
        deadline = time.monotonic() + 90
        while not journal.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)
        node.kill()
    assert list(read(journal))
    assert sagetool("replay", config(tmp_path), "--quiet").returncode == 0
