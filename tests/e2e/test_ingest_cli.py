"""`sagetool ingest` as a user runs it, against a real Redis."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")

from adapters.messaging.wire import Keys
from tests.support.redis_server import NOTE, RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)]

CONFIG = """
name = "x"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-01
end = 2022-05-08
sample = true
[messaging]
backend = "{backend}"
port = {port}
[ingest]
replay_speed = {speed}
[[strategies]]
plugin = "momentum_scalper"
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path / "redis").start()
    yield made
    made.kill()


def _start(folder: Path, port: int, speed: float, backend: str = "redis") -> subprocess.Popen[str]:
    (folder / "run.toml").write_text(CONFIG.format(port=port, speed=speed, backend=backend))
    return subprocess.Popen(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "ingest", "run.toml"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_catalogs_texts_are_published_once_however_often_it_runs(tmp_path: Path, server: RedisServer) -> None:
    said = [_start(tmp_path, server.port, 0.0).communicate(timeout=120) for _ in range(2)]
    published = server.client.xlen(Keys("sagetrade").texts)
    assert published > 100
    assert f"published {published}, taken {published}, waiting 0" in said[0][0]
    assert f"repeats {published}, taken {published}, waiting 0" in said[1][0]
    assert "news source replay:catalog" in said[0][0]
    assert not said[0][1]


def test_ctrl_c_while_redis_is_down_is_clean_and_the_texts_are_sent_by_the_next(
    tmp_path: Path, server: RedisServer
) -> None:
    server.kill()
    running = _start(tmp_path, server.port, 0.0)
    assert running.stdout is not None
    said = ""
    while "no more texts" not in said:
        said += running.stdout.readline()
    running.send_signal(signal.SIGINT)
    rest, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "cannot be reached" in said
    assert "Traceback" not in errors
    waiting = rest.strip().rpartition("waiting ")[2]
    server.start()
    again, _ = _start(tmp_path, server.port, 0.0).communicate(timeout=120)
    assert f"{waiting} texts wait from before" in again
    assert int(waiting.replace(",", "")) == server.client.xlen(Keys("sagetrade").texts)


def test_without_redis_in_the_configuration_it_says_what_to_set(tmp_path: Path) -> None:
    running = _start(tmp_path, 1, 0.0, backend="embedded")
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "messaging.backend" in errors
