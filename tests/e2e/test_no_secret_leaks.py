"""Marked secrets in the environment, in config/secrets.env and in mounted files: whatever runs, nothing shows one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sagetrade_nautilus.secrets import FILE_SUFFIX, KNOWN
from tests.support.http_server import Reply, ScriptedServer

pytestmark = pytest.mark.slow
MARK = "cAnArY0123456789"
RUN = """
name = "canary"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-07
end = 2022-05-08
sample = true
[[strategies]]
plugin = "momentum_scalper"
[news]
feeds = ["http://127.0.0.1:1/feed"]
[messaging]
backend = "redis"
port = 1
[canary]
rollback = "the trader on duty halts with --flatten"
"""
BROKEN = "from sagetrade_nautilus.strategy import SageStrategy\nraise RuntimeError('a plugin that raises')\n"
ENDLESS = {"ingest", "watchdog"}
COMMANDS = (
    ("backtest", "run.toml"),
    ("backtest", "broken.toml"),
    ("startup-check", "run.toml", "--venue-url", "http://127.0.0.1:1"),
    ("verify-installation",),
    ("gate", "status", "run.toml"),
    ("ingest", "run.toml"),
    ("watchdog", "--broker", "alpaca", "--stale-s", "0.5"),
    ("status",),
    ("doctor", "run.toml", "--mode", "paper"),
    ("snapshot", "create", "--note", "whatever is here"),
)


def _place(kind: str, folder: Path) -> dict[str, str]:
    """Put a marked value of every known secret where `kind` says, and return the environment for it."""
    values = {name: f"{MARK}{number:02d}" for number, name in enumerate(KNOWN)}
    values["TELEGRAM_API_ID"] = "1234567"
    if kind == "environment":
        return values
    if kind == "file":
        path = folder / "config" / "secrets.env"
        path.parent.mkdir()
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        path.chmod(0o600)
        return {}
    mounted = {}
    for name, value in values.items():
        path = folder.parent / f"{folder.name}-{name}"
        path.write_text(value)
        path.chmod(0o400)
        mounted[name + FILE_SUFFIX] = str(path)
    return mounted


def _run(words: tuple[str, ...], folder: Path, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-m", "sagetrade_nautilus.cli", *words],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONASYNCIODEBUG": "1", "COLUMNS": "500"},
            capture_output=True,
            text=True,
            timeout=15 if words[0] in ENDLESS else 300,
            check=False,
        )
        return done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:  # what runs until it is stopped
        return "".join((part or b"").decode() for part in (late.stdout, late.stderr))


@pytest.mark.parametrize("kind", ["environment", "file", "mounted"])
def test_nothing_that_runs_shows_a_secret(tmp_path: Path, kind: str) -> None:
    server = ScriptedServer(Reply(status=403, body=MARK.encode() + b"00 is not a key of yours"))
    (tmp_path / "run.toml").write_text(RUN)
    (tmp_path / "broken.toml").write_text(RUN.replace("momentum_scalper", "broken"))
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "broken.py").write_text(BROKEN)
    environment = _place(kind, tmp_path)
    said = {}
    for words in COMMANDS:
        more = ("--broker-url", server.url) if words[0] == "watchdog" else ()
        said[words] = _run((*words, *more), tmp_path, environment)
    watchdog = ("watchdog", "--broker", "alpaca", "--stale-s", "0.5", "--broker-url", server.url)
    said["watchdog", "with a log"] = _run(watchdog, tmp_path, {**environment, "SAGETRADE_LOGS": "logs"})
    server.close()
    assert "present" in said["verify-installation",]
    assert "yes" in said["verify-installation",]
    assert [words for words, text in said.items() if MARK in text] == []
    own = {tmp_path / "config" / "secrets.env"}
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path not in own]
    names = {path.name for path in files}
    assert {"report.html", "watchdog.jsonl"} <= names
    assert any(path.parent.name == "manifests" for path in files)
    assert [path for path in files if MARK.encode() in path.read_bytes()] == []
