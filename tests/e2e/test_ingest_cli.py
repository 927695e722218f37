"""`sagetool ingest` as a user runs it, against a real Redis."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")

from adapters.messaging.wire import Keys
from tests.support.http_server import Reply, serving
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


def _start(folder: Path, port: int, speed: float, backend: str = "redis") -> subprocess.Popen[str]:
    return _run(folder, CONFIG.format(port=port, speed=speed, backend=backend))


def _run(folder: Path, config: str) -> subprocess.Popen[str]:
    (folder / "run.toml").write_text(config)
    return subprocess.Popen(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "ingest", "run.toml"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_catalogs_texts_are_published_once_however_often_it_runs(tmp_path: Path, redis_server: RedisServer) -> None:
    said = [_start(tmp_path, redis_server.port, 0.0).communicate(timeout=120) for _ in range(2)]
    published = redis_server.client.xlen(Keys("sagetrade").texts)
    assert published > 100
    assert f"published {published}, taken {published}, waiting 0" in said[0][0]
    assert f"repeats {published}, taken {published}, waiting 0" in said[1][0]
    assert "news source replay:catalog" in said[0][0]
    assert not said[0][1]


def test_ctrl_c_while_redis_is_down_is_clean_and_the_texts_are_sent_by_the_next(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    redis_server.kill()
    running = _start(tmp_path, redis_server.port, 0.0)
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
    redis_server.start()
    again, _ = _start(tmp_path, redis_server.port, 0.0).communicate(timeout=120)
    assert f"{waiting} texts wait from before" in again
    assert int(waiting.replace(",", "")) == redis_server.client.xlen(Keys("sagetrade").texts)


def test_without_redis_in_the_configuration_it_says_what_to_set(tmp_path: Path) -> None:
    running = _start(tmp_path, 1, 0.0, backend="embedded")
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "messaging.backend" in errors


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis with a password."""
    with RedisServer(tmp_path / "redis", "CANARY-5") as made:
        yield made


def _keep_secret(folder: Path, password: str, mode: int = 0o600) -> None:
    (folder / "config").mkdir()
    path = folder / "config" / "secrets.env"
    path.write_text(f"SAGETRADE_REDIS_PASSWORD={password}\n")
    path.chmod(mode)


def _shipped(project_root: Path, redis_port: int, web: str) -> str:
    text = (project_root / "configs" / "ingest.toml").read_text()
    assert "port = 6379" in text
    assert "http://127.0.0.1:8000" in text
    return text.replace("port = 6379", f"port = {redis_port}").replace("http://127.0.0.1:8000", web)


def test_the_shipped_configuration_reads_the_shipped_feed_without_a_key_and_the_password_is_shown_nowhere(
    tmp_path: Path, project_root: Path, locked: RedisServer
) -> None:
    _keep_secret(tmp_path, "CANARY-5")
    with serving(Reply(200, (project_root / "configs" / "feed.xml").read_bytes())) as web:
        running = _run(tmp_path, _shipped(project_root, locked.port, web.url))
        until_s = time.monotonic() + 30.0
        while locked.client.xlen(Keys("sagetrade").texts) < 3 and time.monotonic() < until_s:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said, errors = running.communicate(timeout=30)
    assert (running.returncode, errors) == (130, "")
    assert "published 3, taken 3, waiting 0" in said
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert "CANARY" not in said
    assert b"CANARY" not in kept


@pytest.mark.parametrize(
    ("password", "mode", "code", "said"),
    [
        ("CANARY-6", 0o600, 1, "look at SAGETRADE_REDIS_USERNAME and SAGETRADE_REDIS_PASSWORD"),
        ("CANARY-5", 0o644, 2, "chmod 600"),
    ],
    ids=["wrong", "open to others"],
)
def test_a_password_that_cannot_be_used_stops_the_start_unseen(
    tmp_path: Path, locked: RedisServer, project_root: Path, password: str, mode: int, code: int, said: str
) -> None:
    _keep_secret(tmp_path, password, mode)
    running = _run(tmp_path, _shipped(project_root, locked.port, "http://127.0.0.1:9"))
    output, errors = running.communicate(timeout=60)
    assert running.returncode == code
    assert said in errors
    assert "CANARY" not in output + errors


def test_where_every_source_lacks_its_key_it_says_so_and_fails(tmp_path: Path, redis_server: RedisServer) -> None:
    config = CONFIG.format(port=redis_server.port, speed=0.0, backend="redis").replace("replay_speed = 0.0", "")
    running = _run(tmp_path, config + "[news]\nalpaca = true\n")
    output, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "news source alpaca: off: APCA_API_KEY_ID" in output
    assert "every source of texts is off" in errors


def test_without_a_source_it_says_so_before_it_looks_for_redis(tmp_path: Path) -> None:
    config = CONFIG.format(port=1, speed=0.0, backend="redis").replace("replay_speed = 0.0", "")
    output, errors = _run(tmp_path, config).communicate(timeout=60)
    assert "no source of texts is configured" in errors
    assert output == ""
