"""A real trading node takes part: texts from Redis reach its news actor, and workers' scores its aggregator."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")

from adapters.messaging.connection import PASSWORD
from adapters.messaging.wire import RAW_TEXT_TOPIC, SCORED_TOPIC, Keys, content_id, pack
from sagetrade_nautilus.data import RawText, TextSignal, bus_topic, text_signal_type
from tests.support.redis_server import NOTE, RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)]

KEYS = Keys("sagetrade")


class Node:
    """A node in a process of its own, and what it printed."""

    def __init__(self, root: Path, redis_server: RedisServer, scoring: str, seconds: float, **environment: str) -> None:
        command = [sys.executable, "-m", "tests.support.messaging_node", str(redis_server.port), scoring, str(seconds)]
        self._process = subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if '"ready"' in line:
                break

    def end(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the signals and the counts."""
        output, _ = self._process.communicate(timeout=60)
        self.said += output
        rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return [row for row in rows if row["type"] == "TextSignal"], rows[-1]


def _send(redis_server: RedisServer, number: int, age_s: float = 0.0) -> None:
    """Publish a text that was published and seen `age_s` ago."""
    now = time.time_ns() - round(age_s * 1e9)
    title = f"Bitcoin surges to a record, story number {number * 7_919} of {chr(97 + number % 26) * 9}"
    raw = RawText(now - 1_000, now, source="Wire", title=title, body="", url="", first_seen_known=True)
    redis_server.client.xadd(KEYS.texts, pack(content_id(raw), RAW_TEXT_TOPIC, raw).fields)  # type: ignore[arg-type]


def test_texts_reach_the_news_actor_on_the_loop_late_ones_are_dropped_and_a_redis_crash_loses_none(
    project_root: Path, redis_server: RedisServer
) -> None:
    node = Node(project_root, redis_server, "local", 9.0)
    for number in range(5):
        _send(redis_server, number)
    redis_server.client.xadd(KEYS.texts, {"topic": RAW_TEXT_TOPIC, "payload": b"no message"})
    for number in range(20, 23):
        _send(redis_server, number, age_s=240.0 * 60.0 + 1.0)
    time.sleep(1.0)
    redis_server.kill()
    time.sleep(1.0)
    redis_server.start()
    for number in range(5, 10):
        _send(redis_server, number)
    signals, counts = node.end()
    assert counts["news"]["accepted"] == 10
    assert counts["news"]["late"] == 3
    assert len({signal["item_id"] for signal in signals}) == len(signals) == 10
    assert all(signal["on_the_loop"] for signal in signals)


def test_a_node_that_starts_before_redis_hears_it_as_soon_as_it_is_there(project_root: Path, tmp_path: Path) -> None:
    redis_server = RedisServer(tmp_path / "redis")
    node = Node(project_root, redis_server, "local", 8.0)
    redis_server.start()
    try:
        for number in range(3):
            time.sleep(1.0)
            _send(redis_server, number)
        signals, _ = node.end()
    finally:
        redis_server.kill()
    assert len(signals) == 3


def test_a_node_logs_in_with_a_password_that_nothing_it_prints_shows(project_root: Path, tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis", "CANARY-5") as redis_server:
        node = Node(project_root, redis_server, "local", 4.0, **{PASSWORD: "CANARY-5", "NODE_LOG": "TRACE"})
        for number in range(4):  # a node hears what comes once it listens, and a busy machine takes its time
            _send(redis_server, number)
            time.sleep(0.5)
        signals, _ = node.end()
    assert signals
    assert "NewsActor" in node.said
    assert "CANARY" not in node.said


def test_workers_score_for_a_node_and_nothing_but_items_leaves_it(
    project_root: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    config = tmp_path / "run.toml"
    config.write_text(
        f"""
name = "x"
data = {{ instruments = ["BTCUSDT.BINANCE"], start = 2022-01-01, end = 2022-01-02 }}
messaging = {{ backend = "redis", port = {redis_server.port}, scoring = "workers" }}
[[strategies]]
plugin = "momentum_scalper"
"""
    )
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "score", str(config)]
    worker = subprocess.Popen(command, cwd=project_root, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    while "scoring" not in worker.stdout.readline():
        pass
    node = Node(project_root, redis_server, "workers", 5.0)
    for number in range(5):
        _send(redis_server, number)
    time.sleep(2.0)
    _forge(redis_server)
    signals, counts = node.end()
    worker.terminate()
    said, _ = worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert "items: done 5" in said
    assert counts["remote"] == {"used": 5, "refused": 2, "late": 0, "given_up": 0}
    assert [signal["entity"] for signal in signals] == ["BTC"] * 5
    assert all(signal["sentiment"] > 0.0 and signal["on_the_loop"] for signal in signals)
    streams = {key.decode() for key in redis_server.client.keys("*") if redis_server.client.type(key) == b"stream"}
    assert streams == {KEYS.texts, KEYS.items, KEYS.scores}


def _forge(redis_server: RedisServer) -> None:
    """Send a signal of an item that nobody released, also on the aggregator's topic, and one that was used already."""
    entries: Any = redis_server.client.xrange(KEYS.scores)
    used = msgspec.json.decode(entries[0][1][b"payload"])
    forged = TextSignal(
        1,
        2,
        entity="BTC",
        sentiment=-1.0,
        confidence=1.0,
        event="hack",
        impact_score=1.0,
        source="",
        item_id="",
        url="",
    )
    redis_server.client.xadd(KEYS.scores, pack("", SCORED_TOPIC, forged).fields)  # type: ignore[arg-type]
    redis_server.client.xadd(KEYS.scores, pack("", bus_topic(text_signal_type("BTC")), forged).fields)  # type: ignore[arg-type]
    redis_server.client.xadd(KEYS.scores, {"topic": SCORED_TOPIC, "payload": msgspec.json.encode(used)})
