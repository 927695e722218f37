"""Redis and the processes on both its sides die, hang and come back: nothing is lost, nothing counts twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")

from redis import Redis

from adapters.messaging.connection import connect
from adapters.messaging.outbox import Outbox
from adapters.messaging.publisher import Publisher
from adapters.messaging.wire import Keys, Message
from adapters.messaging.worker import Outcome, Route, Worker
from benchmarks.redis_faults import Trial, text
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError, MessagingError
from tests.support.redis_server import NOTE, RedisServer, asked

pytestmark = pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)

ROUTE = Route("g", "in", "out")


async def _count_up(count: int) -> AsyncIterator[RawText]:
    for number in range(count):
        yield text(number)


def _titles(redis_server: RedisServer) -> list[str]:
    entries: Any = redis_server.client.xrange(Keys("sagetrade").texts)
    return [msgspec.json.decode(fields[b"payload"])["title"] for _, fields in entries]


def _publisher(
    redis_server: RedisServer, folder: Path, said: list[str], capacity: int = 1_000, name: str = "q"
) -> Publisher:
    config = redis_server.config()
    return Publisher(connect(config, {}), config, Outbox(folder / f"{name}.sqlite", capacity), said.append)


def _echo(entries: Sequence[Mapping[bytes, bytes]]) -> list[Outcome]:
    return [Outcome(fields[b"n"].decode(), (Message("", "t", fields[b"n"]),)) for fields in entries]


def _worker(redis_server: RedisServer, said: list[str], handle: Any = _echo, name: str = "w", **changes: Any) -> Worker:
    config = redis_server.config(**{"claim_after_s": 0.2, **changes})
    return Worker(connect(config, {}), config, ROUTE, name, handle, said.append)


async def _for(seconds: float, *workers: Worker) -> None:
    tasks = [asyncio.ensure_future(worker.run()) for worker in workers]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _feed(redis_server: RedisServer, count: int) -> None:
    for number in range(count):
        redis_server.client.xadd("in", {"n": str(number)})


def _results(redis_server: RedisServer) -> list[int]:
    entries: Any = redis_server.client.xrange("out")
    return [int(fields[b"payload"]) for _, fields in entries]


@pytest.mark.slow
def test_killed_restarted_and_frozen_at_random_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """Two publishers of the same texts, three workers, five kinds of faults twice each."""
    verdict = Trial(tmp_path, 3_000, seed=1).run(faults=10)
    found = {name: verdict[name] for name in verdict if name.endswith(("lost", "doubled")) or name == "dead"}
    assert found == {"texts lost": 0, "texts doubled": 0, "scores lost": 0, "scores doubled": 0, "dead": 0}
    assert len(verdict["faults"]) == 5


def test_texts_that_came_while_redis_was_down_follow_in_order(redis_server: RedisServer, tmp_path: Path) -> None:
    said: list[str] = []
    redis_server.kill()

    async def scenario() -> None:
        publisher = _publisher(redis_server, tmp_path, said)
        running = asyncio.ensure_future(publisher.run(_count_up(300)))
        await asyncio.sleep(0.3)
        assert not running.done()
        redis_server.start()
        await asyncio.wait_for(running, 30)
        assert publisher.counts == {"taken": 300, "published": 300, "repeats": 0}

    asyncio.run(scenario())
    assert _titles(redis_server) == [text(number).title for number in range(300)]
    assert said[0].startswith("redis: lost")
    assert said[-1] == "redis: back; 300 texts waited"


def test_what_does_not_fit_into_the_queue_is_dropped_oldest_first_and_counted(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.kill()
    box = Outbox(tmp_path / "q.sqlite", 100)
    config = redis_server.config()

    async def scenario() -> None:
        running = asyncio.ensure_future(Publisher(connect(config, {}), config, box, print).run(_count_up(250)))
        await asyncio.sleep(0.5)
        redis_server.start()
        await asyncio.wait_for(running, 30)

    asyncio.run(scenario())
    assert box.dropped == 150
    assert _titles(redis_server) == [text(number).title for number in range(150, 250)]


LAST_ID = "18446744073709551615-18446744073709551615"
BREAKS: dict[str, Callable[[Redis, str], object]] = {
    "another type": lambda client, key: client.set(key, "x"),
    "no ids left": lambda client, key: client.xadd(key, {"forged": "x"}, id=LAST_ID),
    "full memory": lambda client, key: client.config_set("maxmemory", "1"),
    "a replica": lambda client, key: client.replicaof("127.0.0.1", "9"),
}
MENDS: dict[str, Callable[[Redis, str], object]] = {
    "another type": lambda client, key: client.delete(key),
    "no ids left": lambda client, key: client.delete(key),
    "full memory": lambda client, key: client.config_set("maxmemory", "0"),
    "a replica": lambda client, key: client.replicaof("NO", "ONE"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_texts_that_a_stream_does_not_take_wait_until_it_does(
    redis_server: RedisServer, tmp_path: Path, how: str
) -> None:
    said: list[str] = []
    stream = Keys("sagetrade").texts
    BREAKS[how](redis_server.client, stream)

    async def scenario() -> None:
        publisher = _publisher(redis_server, tmp_path, said)
        running = asyncio.ensure_future(publisher.run(_count_up(20)))
        await asyncio.sleep(1.0)
        assert not running.done()
        MENDS[how](redis_server.client, stream)
        await asyncio.wait_for(running, 30)
        assert publisher.counts == {"taken": 20, "published": 20, "repeats": 0}

    asyncio.run(scenario())
    assert _titles(redis_server) == [text(number).title for number in range(20)]
    assert said[0].startswith("redis: lost (")
    assert any(word in said[0] for word in ("WRONGTYPE", "exhausted", "maxmemory", "read only"))


@pytest.mark.parametrize("how", BREAKS)
def test_outcomes_that_a_stream_does_not_take_are_written_once_it_does(redis_server: RedisServer, how: str) -> None:
    _feed(redis_server, 20)
    BREAKS[how](redis_server.client, ROUTE.target)
    said: list[str] = []

    async def scenario() -> None:
        running = asyncio.ensure_future(_worker(redis_server, said).run())
        await asyncio.sleep(1.0)
        MENDS[how](redis_server.client, ROUTE.target)
        await asyncio.sleep(3.0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())
    assert sorted(_results(redis_server)) == list(range(20))
    assert said[0].startswith("redis: lost")


def test_two_publishers_of_the_same_texts_publish_each_once(redis_server: RedisServer, tmp_path: Path) -> None:
    async def scenario() -> list[int]:
        both = [_publisher(redis_server, tmp_path, [], name=name) for name in ("a", "b")]
        await asyncio.gather(*(publisher.run(_count_up(500)) for publisher in both))
        return [publisher.counts["published"] for publisher in both]

    assert sum(asyncio.run(scenario())) == 500
    assert sorted(_titles(redis_server)) == sorted(text(number).title for number in range(500))


def test_each_entry_is_done_by_one_worker_and_acknowledged(redis_server: RedisServer) -> None:
    _feed(redis_server, 200)
    both = [_worker(redis_server, [], name=name, batch_max=5) for name in ("a", "b")]
    asyncio.run(_for(1.0, *both))
    assert sorted(_results(redis_server)) == list(range(200))
    assert sum(worker.counts["done"] for worker in both) == 200
    assert redis_server.client.xpending("in", "g")["pending"] == 0


def test_what_a_dead_worker_had_taken_goes_to_another(redis_server: RedisServer) -> None:
    _feed(redis_server, 10)
    redis_server.client.xgroup_create("in", "g", id="0")
    redis_server.client.xreadgroup("g", "dead", {"in": ">"}, count=7)
    living = _worker(redis_server, [], name="living")
    asyncio.run(_for(1.5, living))
    assert sorted(_results(redis_server)) == list(range(10))
    assert living.counts["claimed"] == 7


def test_an_outcome_that_was_written_already_is_not_written_again(redis_server: RedisServer) -> None:
    """A worker that hung while another took over its entry, and then goes on."""
    _feed(redis_server, 1)
    hung = _worker(redis_server, [], name="hung")
    quick = _worker(redis_server, [], name="quick")

    async def scenario() -> None:
        await hung._join()
        taken = await hung._read(">")
        await asyncio.sleep(0.3)
        await _for(0.8, quick)
        await hung._process(taken)

    asyncio.run(scenario())
    assert _results(redis_server) == [0]
    assert (quick.counts["done"], hung.counts["repeats"]) == (1, 1)


def test_an_entry_that_always_fails_is_laid_aside_and_the_others_go_on(redis_server: RedisServer) -> None:
    _feed(redis_server, 5)
    said: list[str] = []

    def picky(entries: Sequence[Mapping[bytes, bytes]]) -> list[Outcome]:
        if any(fields[b"n"] == b"3" for fields in entries):
            raise ValueError("no threes")
        return _echo(entries)

    worker = _worker(redis_server, said, picky, tries_max=3)
    asyncio.run(_for(3.0, worker))
    assert sorted(_results(redis_server)) == [0, 1, 2, 4]
    dead: Any = redis_server.client.xrange("sagetrade:dead:g")
    assert [(fields[b"n"], fields[b"why"]) for _, fields in dead] == [(b"3", b"tried 3 times")]
    assert worker.counts["dead"] == 1
    assert redis_server.client.xpending("in", "g")["pending"] == 0
    assert any("ValueError: no threes" in line for line in said)


def test_a_handler_that_forgets_an_entry_acknowledges_none_of_them_unseen(redis_server: RedisServer) -> None:
    _feed(redis_server, 3)
    worker = _worker(redis_server, [], lambda entries: _echo(entries[1:]), tries_max=2)
    asyncio.run(_for(1.5, worker))
    assert _results(redis_server) == []
    assert worker.counts["dead"] == 3


def test_entries_that_the_bound_removed_before_they_were_done_are_counted_as_lost(redis_server: RedisServer) -> None:
    _feed(redis_server, 10)
    redis_server.client.xgroup_create("in", "g", id="0")
    redis_server.client.xreadgroup("g", "dead", {"in": ">"}, count=10)
    redis_server.client.xtrim("in", maxlen=6, approximate=False)
    said: list[str] = []
    worker = _worker(redis_server, said)
    asyncio.run(_for(1.5, worker))
    assert sorted(_results(redis_server)) == [4, 5, 6, 7, 8, 9]
    assert worker.counts["lost"] == 4
    assert any("trimmed" in line for line in said)
    assert redis_server.client.xpending("in", "g")["pending"] == 0


def test_entries_that_the_bound_removed_before_anybody_read_them_are_counted_as_lost_once(
    redis_server: RedisServer,
) -> None:
    _feed(redis_server, 4)
    first, second = _worker(redis_server, [], name="first"), _worker(redis_server, [], name="second")
    asyncio.run(_for(0.5, first))
    _feed(redis_server, 20)
    redis_server.client.xtrim("in", maxlen=5, approximate=False)
    asyncio.run(_for(1.0, second))
    assert second.counts["lost"] == 15
    assert first.counts["done"] + second.counts["done"] == 9


def test_a_worker_goes_on_after_redis_hung_and_came_back(redis_server: RedisServer) -> None:
    said: list[str] = []
    worker = _worker(redis_server, said)

    async def scenario() -> None:
        running = asyncio.ensure_future(worker.run())
        await asyncio.sleep(0.3)
        redis_server.freeze()
        await asyncio.sleep(4.5)
        redis_server.thaw()
        await asyncio.to_thread(_feed, redis_server, 20)
        await asyncio.sleep(2.5)
        running.cancel()

    asyncio.run(scenario())
    assert sorted(_results(redis_server)) == list(range(20))
    assert [line.split(" (")[0] for line in said] == ["redis: lost", "redis: back"]


def test_a_worker_that_lacks_a_right_says_so_once_and_goes_on_when_it_has_it(redis_server: RedisServer) -> None:
    said: list[str] = []
    change: Any = redis_server.client.execute_command

    async def scenario() -> None:
        change("ACL", "SETUSER", "default", "-xpending")
        running = asyncio.ensure_future(_worker(redis_server, said).run())
        await asyncio.sleep(2.0)
        change("ACL", "SETUSER", "default", "+@all")
        await asyncio.to_thread(_feed, redis_server, 20)
        await asyncio.sleep(3.0)
        running.cancel()

    asyncio.run(scenario())
    assert sorted(_results(redis_server)) == list(range(20))
    assert [line.split(" (")[0] for line in said] == ["redis: lost", "redis: back"]
    assert "xpending" in said[0]


def test_a_redis_that_refuses_us_is_named_and_the_password_is_not(redis_server: RedisServer) -> None:
    redis_server.client.config_set("requirepass", "canary-7f3a")
    config = redis_server.config()

    for environment in ({}, {"SAGETRADE_REDIS_PASSWORD": "canary-wrong"}):
        with pytest.raises(MessagingError, match="SAGETRADE_REDIS_PASSWORD") as refused:
            asked(config, environment)
        assert "canary" not in str(refused.value)
    assert "reached" in asked(config, {"SAGETRADE_REDIS_PASSWORD": "canary-7f3a"})[0]


def test_redis_that_may_forget_is_said(redis_server: RedisServer) -> None:
    redis_server.client.config_set("appendonly", "no")
    redis_server.client.config_set("maxmemory-policy", "allkeys-lru")
    said = " ".join(asked(redis_server.config(), {}))
    assert "no append-only file" in said
    assert "noeviction" in said


def test_an_embedded_run_needs_no_redis_and_says_so() -> None:
    with pytest.raises(ConfigError, match="embedded"):
        connect(MessagingConfig(), {})
