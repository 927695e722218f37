"""`sagetool fetch bars` from servers that speak Binance's and Alpaca's interfaces, and backtests over its bars."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.alpaca_server.market import calendar_day
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server
from tests.support.binance import BinanceServer
from tests.support.http_server import Reply

TOOL = [sys.executable, "-m", "sagetrade_nautilus.cli"]


KEYS = {"APCA_API_KEY_ID": KEY, "APCA_API_SECRET_KEY": SECRET}
ENVIRONMENT = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **KEYS}


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TOOL, *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def _fetch(folder: Path, server: BinanceServer, *more: str) -> subprocess.CompletedProcess[str]:
    words = ("--venue", "binance", "--symbol", "BTCUSDT", "--interval", "5m", "--url", server.url)
    return _run(folder, "fetch", "bars", *words, *(more or ("--start", "2024-01-01", "--end", "2024-01-04")))


@pytest.mark.slow
def test_fetched_bars_are_there_and_can_be_traded(tmp_path: Path) -> None:
    server = BinanceServer()
    done = _fetch(tmp_path, server)
    assert done.returncode == 0, done.stderr
    assert "3 days: 864 bars are new, 864 are there" in done.stdout
    assert "3 days: 0 bars are new, 864 are there; 0 days were asked for" in _fetch(tmp_path, server).stdout
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


def _alpaca(server: AlpacaServer, *more: str) -> tuple[str, ...]:
    days = ("--start", "2025-11-24", "--end", "2025-11-29")
    return ("fetch", "bars", "--venue", "alpaca", "--interval", "5m", "--url", server.url, *days, *more)


@pytest.mark.slow
def test_stocks_are_fetched_by_the_exchanges_calendar_and_can_be_traded(tmp_path: Path) -> None:
    with alpaca_server() as server:
        server.days = [calendar_day(f"2025-11-{day}") for day in (24, 25, 26)]
        server.days.append(calendar_day("2025-11-28", close="13:00"))
        server.silent = {"2025-11-25T15:00:00Z", "2025-11-28T19:00:00Z"}  # the second after the early close
        done = _run(tmp_path, *_alpaca(server, "--symbol", "AAPL"))
        assert done.returncode == 0, done.stderr
        assert "5 days: 754 bars are new, 754 are there; 5 days were asked for" in done.stdout
        assert "1 bars of regular hours are not to be had, on:\n  2025-11-25: 1\n" in done.stdout
        assert "Alpaca has no bar for a time without a trade" in done.stdout
        assert "0 bars are new, 754 are there; 0 days were asked for" in (
            _run(tmp_path, *_alpaca(server, "--symbol", "AAPL")).stdout
        )
    (tmp_path / "run.toml").write_text(
        'name = "fetched"\n[data]\ninstruments = ["AAPL.ALPACA"]\nstart = 2025-11-24\nend = 2025-11-27\n'
        'texts = false\n[venue]\naccount = "margin"\ncurrency = "USD"\n[[strategies]]\nplugin = "momentum_scalper"\n'
    )
    run = _run(tmp_path, "backtest", "run.toml")
    assert run.returncode == 0, run.stderr


@pytest.mark.slow
def test_crypto_is_fetched_from_alpaca_around_the_clock(tmp_path: Path) -> None:
    with alpaca_server() as server:
        server.page_rows = 100
        done = _run(tmp_path, *_alpaca(server, "--symbol", "BTC/USD"))
    assert done.returncode == 0, done.stderr
    assert "5 days: 1,440 bars are new, 1,440 are there; 5 days were asked for" in done.stdout
    assert "not to be had" not in done.stdout


@pytest.mark.slow
def test_ctrl_c_leaves_whole_days_and_the_next_call_goes_on(tmp_path: Path) -> None:
    with alpaca_server() as server:
        server.faults = {"GET /v1beta3/crypto/us/bars": [429, "slow", "slow", "slow"]}
        words = _alpaca(server, "--symbol", "BTC/USD")
        process = subprocess.Popen([*TOOL, *words], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while len(server.asked("GET", "/v1beta3/crypto/us/bars")) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert (process.returncode, "Traceback" in said) == (130, False), said
        done = _run(tmp_path, *words)
    assert "5 days: 1,152 bars are new, 1,440 are there; 4 days were asked for" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "code", "says"), [(401, 2, "--account live"), (403, 2, "--account live")])
def test_keys_of_another_account_are_told_from_a_venue_that_is_away(
    tmp_path: Path, fault: int, code: int, says: str
) -> None:
    with alpaca_server() as server:
        server.faults = {"GET /v2/calendar": [fault]}
        done = _run(tmp_path, *_alpaca(server, "--symbol", "AAPL"))
    assert done.returncode == code
    assert says in done.stderr
    assert KEY not in done.stdout + done.stderr
