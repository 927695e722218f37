"""Marked secrets in the environment, in config/secrets.env and in mounted files: whatever runs, nothing shows one."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from sagetrade_nautilus.secrets import FILE_SUFFIX, KNOWN
from tests.support.deep_dips import Model
from tests.support.experiments import SMALL, git, repository
from tests.support.http_server import Reply, ScriptedServer
from tests.support.llm_server import answering
from tests.support.telegram_server import Fault, TelegramServer

pytestmark = pytest.mark.slow
MARK = f"cAnArY{3_141_592_653 * 2}"  # stands in no file of the project as a whole, so that none is found by chance
DAY = """
name = "canary"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-07
end = 2022-05-08
sample = true
[[strategies]]
plugin = "momentum_scalper"
"""
RUN = (
    DAY
    + """
[news]
feeds = ["http://127.0.0.1:1/feed"]
[messaging]
backend = "redis"
port = 1
"""
)
NODE = """
[ops]
enabled = true
port = {port}
[bot]
enabled = true
users = {{ "11" = "owner" }}
base_url = "{telegram}"
"""
OWNER = 11
PATHS = ("metrics", "overview", "health/live", "health/ready", "health/startup", "nothing")
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


def _values() -> dict[str, str]:
    formed = {"TELEGRAM_API_ID": "1234567", "TELEGRAM_TOKEN": f"4711:{MARK}{MARK}"}
    return {name: f"{MARK}{number:02d}" for number, name in enumerate(KNOWN)} | formed


def _place(kind: str, folder: Path) -> dict[str, str]:
    """Put a marked value of every known secret where `kind` says, and return the environment for it."""
    values = _values()
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


def _environment(placed: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **placed, "PYTHONASYNCIODEBUG": "1", "COLUMNS": "500"}


def _marked(folder: Path) -> list[Path]:
    """Return the files that hold a mark, but for the one that is there to hold them."""
    files = [path for path in folder.rglob("*") if path.is_file() and path != folder / "config" / "secrets.env"]
    assert files
    return [path for path in files if MARK.encode() in path.read_bytes()]


def _run(words: tuple[str, ...], folder: Path, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-m", "sagetrade_nautilus.cli", *words],
            cwd=folder,
            env=_environment(environment),
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
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"report.html", "watchdog.jsonl", "manifests"} <= names
    assert _marked(tmp_path) == []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _read(url: str) -> str:
    """Return what a page of the node's says, with its headers, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - on this machine
            return f"{answer.headers}{answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.headers}{error.read().decode()}"
    except OSError:
        return ""


@pytest.mark.parametrize("kind", ["environment", "file", "mounted"])
def test_a_node_its_metrics_and_its_bot_show_no_secret(tmp_path: Path, kind: str) -> None:
    server, port = TelegramServer(token=_values()["TELEGRAM_TOKEN"]), _free_port()
    server.faults = [Fault("getUpdates", cut=True), Fault("getUpdates", status=500), Fault("sendMessage", status=429)]
    (tmp_path / "node.toml").write_text(DAY.replace("05-08", "05-09") + NODE.format(port=port, telegram=server.url))
    words = [sys.executable, "-X", "dev", "-m", "sagetrade_nautilus.cli", "replay", "node.toml", "--speed", "60"]
    environment = _environment(_place(kind, tmp_path))
    if kind == "mounted":  # what goes there is masked on its way, which must not be what saves the others
        environment["SAGETRADE_LOGS"] = "logs"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True
    ) as node:
        deadline = time.monotonic() + 90
        while not _read(f"http://127.0.0.1:{port}/metrics") and time.monotonic() < deadline and node.poll() is None:
            time.sleep(0.1)
        answers = [server.ask(OWNER, text).text for text in ("/status", "/risk", "what is my key?", "/why nothing")]
        pages = {path: _read(f"http://127.0.0.1:{port}/{path}") for path in PATHS}
        node.send_signal(signal.SIGINT)
        said, _ = node.communicate(timeout=60)
    server.close()
    assert node.returncode == 130, said
    assert "sagetrade_" in pages["metrics"]
    assert all(pages.values())
    assert all(answers)
    told = "".join(f"{call.values}{call.photo!r}" for call in server.calls)
    assert not any(MARK in text for text in (said, told, *pages.values()))
    assert list(tmp_path.rglob("decisions.jsonl"))
    assert ("the journal is closed" in said) is (kind != "mounted")
    assert _marked(tmp_path) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git: apt-get install git")
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")
def test_an_experiment_of_a_language_model_shows_no_secret(tmp_path: Path) -> None:
    model = Model()
    with answering(model, key=_values()["LLM_API_KEY"]) as server:
        llm = f'\n[llm]\nbase_url = "{server.url}"\nmodel = "local"\n'
        root = repository(tmp_path / "repo", SMALL + llm)
        words = ("experiment", "create", "--name", "dips", "--proposer", "llm", "--config", "configs/small.toml")
        said = _run(words, root, _place("environment", root))
        asked = repr(server.asked)
    assert "exp-" in said
    assert "Traceback" not in said
    assert "strategy_source" in asked
    assert MARK not in said
    assert MARK not in asked
    assert list((root / "experiments").rglob("comparison.html"))
    assert _marked(root) == []
    assert MARK not in git(root, "log", "-p", "--all", "--not", "main")
