"""Redis refuses, dies and forgets while a node hears it: the node says so, and hears again when that is over."""

import asyncio
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")

from adapters.messaging.listener import AT_ONCE, Listener
from adapters.messaging.wire import RAW_TEXT_TOPIC, Keys, pack
from benchmarks.redis_faults import text
from sagetrade_nautilus.config import MessagingConfig
from tests.support.http_server import Reply, serving
from tests.support.redis_server import NOTE, RedisServer, asked

pytestmark = pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)

STREAM = Keys("sagetrade").texts
type Act = Callable[[RedisServer], object]


def _send(server: RedisServer, *numbers: int, name: str = "*") -> None:
    with server.client.pipeline() as together:
        for number in numbers:
            together.xadd(STREAM, pack("k", RAW_TEXT_TOPIC, text(number)).fields, name)  # type: ignore[arg-type]
        together.execute()


def _forbid(server: RedisServer) -> None:
    server.client.execute_command("ACL", "SETUSER", "default", "-xread")  # type: ignore[no-untyped-call]


def _allow(server: RedisServer) -> None:
    server.client.execute_command("ACL", "SETUSER", "default", "+@all")  # type: ignore[no-untyped-call]


def _replace(server: RedisServer) -> None:
    server.client.delete(STREAM)
    server.client.set(STREAM, "x")


FAULTS: dict[str, tuple[Act, Act, str]] = {
    "a key of another type": (_replace, lambda server: server.client.delete(STREAM), "WRONGTYPE"),
    "no right to read": (_forbid, _allow, "NoPermissionError"),
    "killed": (RedisServer.kill, RedisServer.start, "ConnectionError"),
    "hung": (RedisServer.freeze, RedisServer.thaw, "TimeoutError"),
}


def _listener(config: MessagingConfig, heard: list[str], said: list[str]) -> Listener:
    bus: Any = SimpleNamespace(publish=lambda topic, data, external_pub: heard.append(data.title))
    return Listener(config, {}, bus, said.append)


async def _starts(listener: Listener, server: RedisServer) -> asyncio.Task[None]:
    """Let it run, and wait until it waits for what comes."""
    running = asyncio.ensure_future(listener.run())
    async with asyncio.timeout(10.0):
        while not any(client["cmd"] == "xread" for client in await asyncio.to_thread(server.client.client_list)):
            await asyncio.sleep(0.01)
    return running


async def _until(condition: Callable[[], object]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it took too long")


@pytest.mark.parametrize("how", FAULTS)
def test_a_node_that_redis_leaves_or_refuses_says_so_and_hears_what_comes_when_that_is_over(
    redis_server: RedisServer, how: str
) -> None:
    break_it, mend, word = FAULTS[how]
    heard: list[str] = []
    said: list[str] = []

    async def scenario() -> None:
        listener = _listener(redis_server.config(), heard, said)
        running = await _starts(listener, redis_server)
        await asyncio.to_thread(_send, redis_server, 0)
        await _until(lambda: heard)
        await asyncio.to_thread(break_it, redis_server)
        await _until(lambda: said)
        await asyncio.to_thread(mend, redis_server)
        await asyncio.to_thread(_send, redis_server, 1, 2)
        await _until(lambda: len(heard) == 3)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())
    assert heard == [text(number).title for number in range(3)]
    assert said[0].startswith("redis: lost (")
    assert word in said[0]
    assert said[1:] == ["redis: back"]


def test_a_node_goes_on_over_a_stream_that_was_deleted_or_trimmed(redis_server: RedisServer) -> None:
    heard: list[str] = []
    said: list[str] = []

    async def scenario() -> None:
        listener = _listener(redis_server.config(), heard, said)
        running = await _starts(listener, redis_server)
        for number, forget in enumerate((lambda: None, redis_server.client.flushall)):
            await asyncio.to_thread(forget)
            await asyncio.to_thread(_send, redis_server, number)
            await _until(lambda number=number: len(heard) == number + 1)
        await asyncio.to_thread(redis_server.client.xtrim, STREAM, 0, False)
        await asyncio.to_thread(_send, redis_server, 2)
        await _until(lambda: len(heard) == 3)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())
    assert said == []


@pytest.mark.parametrize("clock", ["0-1", "9999999999999-1"], ids=["far behind", "far ahead"])
def test_a_node_hears_what_comes_after_its_start_and_not_what_came_before_whatever_the_clock_of_redis_says(
    redis_server: RedisServer, clock: str
) -> None:
    heard: list[str] = []
    _send(redis_server, 0, name=clock)

    async def scenario() -> None:
        running = await _starts(_listener(redis_server.config(), heard, []), redis_server)
        await asyncio.to_thread(_send, redis_server, 1, name=clock[:-1] + "2")
        await _until(lambda: heard)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())
    assert heard == [text(1).title]


def test_a_node_that_starts_without_redis_says_so_and_hears_what_comes_later(redis_server: RedisServer) -> None:
    heard: list[str] = []
    said: list[str] = []
    redis_server.kill()

    async def scenario() -> None:
        running = asyncio.ensure_future(_listener(redis_server.config(), heard, said).run())
        await _until(lambda: said)
        await asyncio.to_thread(redis_server.start)
        await _until(lambda: len(said) == 2)
        await asyncio.to_thread(_send, redis_server, 0)
        await _until(lambda: heard)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())
    assert heard == [text(0).title]
    assert said[1:] == ["redis: back"]


def test_a_flood_leaves_the_loop_time_for_its_other_work(redis_server: RedisServer) -> None:
    heard: list[str] = []
    turns: list[int] = [0]

    async def scenario() -> None:
        listener = _listener(redis_server.config(), heard, [])
        running = await _starts(listener, redis_server)
        sending = asyncio.ensure_future(asyncio.to_thread(_send, redis_server, *range(20 * AT_ONCE)))
        while len(heard) < 20 * AT_ONCE:
            await asyncio.sleep(0)
            turns.append(len(heard))
        running.cancel()
        await asyncio.wait({running, sending})

    asyncio.run(scenario())
    assert max(later - before for before, later in itertools.pairwise(turns)) <= AT_ONCE


def _said_at(port: int, *, tls: bool) -> str:
    return " ".join(asked(MessagingConfig(backend="redis", port=port, tls=tls), {}))


def test_why_redis_cannot_be_reached_is_said_in_words(redis_server: RedisServer) -> None:
    with serving(Reply(200, b"hello")) as server:
        port = int(server.url.rpartition(":")[2])
        assert "WRONG_VERSION_NUMBER" in _said_at(port, tls=True)
        assert "cannot be reached" in _said_at(port, tls=False)
    redis_server.kill()
    assert "Connect call failed" in _said_at(redis_server.port, tls=False)
