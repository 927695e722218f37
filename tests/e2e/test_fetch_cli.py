"""`sagetool fetch bars` from a server that speaks Binance's interface, and a backtest over what it brought."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.binance import BinanceServer
from tests.support.http_server import Reply

TOOL = [sys.executable, "-m", "sagetrade_nautilus.cli"]


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run([*TOOL, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _fetch(folder: Path, server: BinanceServer, *more: str) -> subprocess.CompletedProcess[str]:
    words = ("--venue", "binance", "--symbol", "BTCUSDT", "--interval", "5m", "--url", server.url)
    return _run(folder, "fetch", "bars", *words, *(more or ("--start", "2024-01-01", "--end", "2024-01-04")))


@pytest.mark.slow
def test_fetched_bars_are_there_and_can_be_traded(tmp_path: Path) -> None:
    server = BinanceServer()
    done = _fetch(tmp_path, server)
    assert done.returncode == 0, done.stderr
    assert "3 days: 864 bars are new, 864 are there" in done.stdout
    assert "3 days: 0 bars are new, 864 are there; 0 days were not whole before" in _fetch(tmp_path, server).stdout
    (tmp_path / "run.toml").write_text(
        'name = "fetched"\n[data]\ninstruments = ["BTCUSDT.BINANCE"]\nstart = 2024-01-01\nend = 2024-01-04\n'
        'texts = false\n[[strategies]]\nplugin = "momentum_scalper"\n'
    )
    assert _run(tmp_path, "backtest", "run.toml").returncode == 0
    server.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--start", "2024-01-04", "--end", "2024-01-01"), 2, "is not after --start"),
        (("--start", "2024-01-01", "--interval", "7x"), 2, "--interval '7x'"),
        (("--start", "2024-01-01", "--end", "2024-01-02", "--symbol", "NOPE"), 3, "Invalid symbol"),
    ],
)
def test_a_wish_that_cannot_be_met_says_why(tmp_path: Path, more: tuple[str, ...], code: int, says: str) -> None:
    server = BinanceServer()
    done = _fetch(tmp_path, server, *more)
    server.close()
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_venue_that_is_away_ends_it_and_keeps_the_days_that_are_there(tmp_path: Path) -> None:
    server = BinanceServer()
    server.faults = [Reply(status=403, body=b"not from here")]
    done = _fetch(tmp_path, server)
    server.close()
    assert done.returncode == 3
    assert "403" in done.stderr
