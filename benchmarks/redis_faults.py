"""What faults do to texts on their way through Redis: ``python -m benchmarks.redis_faults [TEXTS FAULTS]``.

Two `sagetool ingest`-like processes publish the same texts, and three workers score as many items, each a process of
its own, while Redis is killed and restarted, frozen, and the processes are killed and frozen. Every text and every
score is counted in the end: what is missing was lost, what is there twice was doubled.

``python -m benchmarks.redis_faults --speed [TEXTS]`` measures one publisher and one worker without faults.
"""

import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import redis

from adapters.messaging.connection import TIMEOUT_S, connect
from adapters.messaging.outbox import Outbox
from adapters.messaging.publisher import Publisher
from adapters.messaging.scoring import GROUP, Scorer, scoring_route
from adapters.messaging.wire import TEXT_ITEM_TOPIC, Keys, pack
from adapters.messaging.worker import Worker
from benchmarks.command import Command, from_one
from sagetrade_nautilus.config import MessagingConfig, TextConfig
from sagetrade_nautilus.data import RawText, TextItem
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.nlp.models import create_model
from tests.support.redis_server import NOTE, RedisServer

T0 = 1_650_000_000 * NANOS_PER_SECOND
TEXTS, FAULTS, TEXTS_OF_SPEED = 5_000, 30, 50_000
CLAIM_AFTER_S = 2.0
PATIENCE_S = 120.0
KEYS = Keys("sagetrade")


def text(number: int) -> RawText:
    at = T0 + number * NANOS_PER_SECOND
    return RawText(
        at, at, source="Wire", title=f"Bitcoin gains, number {number}", body="", url="", first_seen_known=True
    )


def item(number: int) -> TextItem:
    raw = text(number)
    return TextItem(
        raw.ts_event,
        raw.ts_init,
        item_id=f"{number:08d}",
        source=raw.source,
        title=raw.title,
        body="",
        url="",
        language="en",
        entities="BTC",
    )


def settings(port: int) -> MessagingConfig:
    return MessagingConfig(
        backend="redis", port=port, stream_length_max=10_000_000, claim_after_s=CLAIM_AFTER_S, tries_max=50, batch_max=8
    )


async def publish(port: int, folder: Path, count: int, pause_s: float = 0.1) -> None:
    """Publish the first `count` texts, from the first on, as a process that was started again does."""

    async def paced() -> AsyncIterator[RawText]:
        for number in range(count):
            if number % 10 == 0:
                await asyncio.sleep(pause_s)
            yield text(number)

    client = connect(settings(port), {})
    outbox = Outbox(folder / "queue.sqlite", 1_000_000)
    await Publisher(client, settings(port), outbox, lambda line: None).run(paced())
    outbox.close()
    await client.aclose()


async def work(port: int, name: str, item_s: float = 0.03) -> None:
    scorer = Scorer(create_model(TextConfig(model="lexicon")))

    def slowly(entries: Sequence[Any]) -> Any:
        time.sleep(item_s * len(entries))
        return scorer(entries)

    await Worker(
        connect(settings(port), {}), settings(port), scoring_route(KEYS), name, slowly, lambda line: None
    ).run()


class Trial:
    """The processes of one trial, and what is done to them."""

    def __init__(self, folder: Path, count: int, seed: int) -> None:
        self._folder = folder
        self._count = count
        self._rng = random.Random(seed)  # noqa: S311 - which fault comes next is no secret
        self._names = 0
        self.server = RedisServer(folder / "redis")
        self.faults: Counter[str] = Counter()
        self._ingests: list[subprocess.Popen[bytes]] = []
        self._workers: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, *, faults: int, freeze_s: float = TIMEOUT_S + 1.0) -> dict[str, Any]:
        """Run it with that many faults, and count what came of every text."""
        self.server.start()
        try:
            self.feed(self.server, self._count)
            self._ingests = [self._ingest(number) for number in range(2)]
            for _ in range(3):
                self._start_worker()
            for number in range(faults):
                time.sleep(self._rng.uniform(0.3, 1.0))
                self._break_something(number, freeze_s)
            self._wait()
            return self.verdict()
        finally:
            for process in (*self._ingests, *self._workers.values()):
                process.kill()
                process.wait()
            self.server.kill()

    @staticmethod
    def feed(server: RedisServer, count: int) -> None:
        """Put `count` items where nodes put them."""
        with server.client.pipeline(transaction=False) as pipe:
            for number in range(count):
                pipe.xadd(KEYS.items, pack("", TEXT_ITEM_TOPIC, item(number)).fields)  # type: ignore[arg-type]
            pipe.execute()

    def _ingest(self, number: int) -> subprocess.Popen[bytes]:
        return self._start("publish", str(self.server.port), str(self._folder / f"ingest{number}"), str(self._count))

    def _start_worker(self) -> None:
        self._names += 1
        name = f"w{self._names}"
        self._workers[name] = self._start("work", str(self.server.port), name)

    def _busy_worker(self) -> str:
        """Return a worker that holds entries which it has not finished: the moment at which a fault may tell."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            with suppress(redis.RedisError):
                consumers: Any = self.server.client.xinfo_consumers(KEYS.items, GROUP)
                busy = [one["name"].decode() for one in consumers if one["pending"]]
                alive = [name for name in busy if name in self._workers]
                if alive:
                    return self._rng.choice(alive)
            time.sleep(0.02)
        raise RuntimeError("no worker has anything to do: give it more texts")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "benchmarks.redis_faults", *words])

    def _break_something(self, number: int, freeze_s: float) -> None:
        fault = ("redis killed", "worker killed", "ingest killed", "worker frozen", "redis frozen")[number % 5]
        self.faults[fault] += 1
        match fault:
            case "redis killed":
                self.server.kill()
                time.sleep(0.3)
                self.server.start()
            case "redis frozen":
                self.server.freeze()
                time.sleep(freeze_s)
                self.server.thaw()
            case "worker killed":
                killed = self._workers.pop(self._busy_worker())
                killed.kill()
                killed.wait()
                self._start_worker()
            case "worker frozen":
                frozen = self._workers[self._busy_worker()]
                frozen.send_signal(signal.SIGSTOP)
                time.sleep(2.0 * CLAIM_AFTER_S)
                frozen.send_signal(signal.SIGCONT)
            case "ingest killed":
                index = self._rng.randrange(2)
                self._ingests[index].kill()
                self._ingests[index].wait()
                self._ingests[index] = self._ingest(index)

    def _wait(self) -> None:
        """Wait until the publishers have ended and nothing is left to score."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            group = self._group()
            idle = group is not None and group["pending"] == 0 and group["lag"] == 0
            if idle and all(process.poll() is not None for process in self._ingests):
                return
            time.sleep(0.2)

    def _group(self) -> dict[str, Any] | None:
        try:
            groups: Any = self.server.client.xinfo_groups(KEYS.items)
        except redis.RedisError:
            return None
        return next((group for group in groups if group["name"] == GROUP.encode()), None)

    def verdict(self) -> dict[str, Any]:
        """Count what is in the streams against what should be."""
        titles = [self._payload(entry)["title"] for entry in self.server.client.xrange(KEYS.texts)]
        scored = [self._payload(entry)["item_id"] for entry in self.server.client.xrange(KEYS.scores)]
        wanted = [text(number).title for number in range(self._count)]
        ids = [item(number).item_id for number in range(self._count)]
        return {
            "texts": self._count,
            "faults": dict(self.faults),
            "texts lost": len(set(wanted) - set(titles)),
            "texts doubled": len(titles) - len(set(titles)),
            "scores lost": len(set(ids) - set(scored)),
            "scores doubled": len(scored) - len(set(scored)),
            "dead": self.server.client.xlen(KEYS.dead(GROUP)),
        }

    @staticmethod
    def _payload(entry: Any) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(entry[1][b"payload"])
        return decoded


async def speed(count: int) -> None:
    """Print how many texts a second one publisher and one worker get through, on this machine with its own Redis."""
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder) / "redis").start()
        try:
            began_s = time.perf_counter()
            await publish(server.port, Path(folder), count, pause_s=0.0)
            published_s = time.perf_counter() - began_s
            Trial.feed(server, count)
            began_s = time.perf_counter()
            working = asyncio.ensure_future(work(server.port, "w", item_s=0.0))
            while server.client.xlen(KEYS.scores) < count:
                await asyncio.sleep(0.05)
            scored_s = time.perf_counter() - began_s
            working.cancel()
        finally:
            server.kill()
    print(f"published {count / published_s:,.0f} texts/s, scored (lexicon) {count / scored_s:,.0f} items/s")


def main(count: int, faults: int) -> None:
    """Put the processes through so many faults, and print what came of every text."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(Trial(Path(folder), count, seed=7).run(faults=faults), indent=2))


def command() -> Command:
    parser = Command("redis_faults", __doc__, "some minutes, with --speed one")
    parser.add_argument("texts", type=from_one, nargs="?", help=f"texts ({TEXTS}, with --speed {TEXTS_OF_SPEED})")
    parser.add_argument("faults", type=from_one, nargs="?", default=FAULTS, help="faults (%(default)s)")
    parser.add_argument("--speed", action="store_true", help="measure speed, without faults")
    return parser


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["publish", port, folder, count]:
            asyncio.run(publish(int(port), Path(folder), int(count)))
        case ["work", port, name]:
            asyncio.run(work(int(port), name))
        case _:
            given = command().parse_args()
            if not RedisServer.is_installed():
                sys.exit(NOTE)
            if given.speed:
                asyncio.run(speed(given.texts or TEXTS_OF_SPEED))
            else:
                main(given.texts or TEXTS, given.faults)
