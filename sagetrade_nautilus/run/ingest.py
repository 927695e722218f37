"""The processes beside a node, from their configuration: collecting texts, and scoring them."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.messaging.connection import connect, require
from adapters.messaging.outbox import Outbox
from adapters.messaging.publisher import Publisher
from adapters.messaging.scoring import Scorer, scoring_route
from adapters.messaging.wire import Keys
from adapters.messaging.worker import Worker
from adapters.news.build import create_sources
from adapters.news.replay import ReplaySource
from adapters.news.source import Source
from adapters.news.supervisor import SourceState, Supervisor
from catalog.sample import ensure_sample
from catalog.store import read_texts
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nlp.models import create_model
from sagetrade_nautilus.run.compose import interval_ns
from sagetrade_nautilus.secrets import find_secret

if TYPE_CHECKING:
    from redis.asyncio import Redis

Tell = Callable[[str], None]
STATUS_S = 10.0


def sources(config: RunConfig) -> list[Source]:
    """Return the sources of texts that the configuration asks for.

    Raises
    ------
    ConfigError
        There is none.
    """
    found = create_sources(config.news, look_up)
    if config.ingest.replay_speed is not None:
        catalog = Path(config.data.catalog)
        if config.data.sample:
            ensure_sample(catalog)
        found.append(ReplaySource(read_texts(catalog, *interval_ns(config)), config.ingest.replay_speed))
    if not found:
        raise ConfigError(
            "no source of texts is configured: name some in `news`, or play the catalog's by `ingest.replay_speed`; "
            "configs/ingest.toml is an example"
        )
    return found


def look_up(name: str) -> str | None:
    """Return a key, ``None`` where it is not set: its source is then off, and says so."""
    found = find_secret(name)
    return None if found is None else found.reveal()


async def ingest(config: RunConfig, environment: Mapping[str, str], tell: Tell) -> signal.Signals | None:
    """Collect texts and publish them until they end, or a signal asks to stop; return which one did.

    Raises
    ------
    ConfigError, MessagingError
        Redis is not configured or refuses us, there are no sources, all of them are off, or the queue's file cannot be
        used.
    """
    supervisor = Supervisor(sources(config), tell)
    async with _redis(config, environment, tell) as redis:
        outbox = Outbox(Path(config.ingest.queue), config.ingest.queue_max)
        try:
            if len(outbox):
                tell(f"queue {config.ingest.queue}: {len(outbox):,} texts wait from before")
            for name in supervisor.status:
                tell(f"news source {name}: starting")
            publisher = Publisher(redis, config.messaging, outbox, tell)

            def status() -> str:
                lost = f", dropped {outbox.dropped:,} because the queue was full" if outbox.dropped else ""
                skipped = f", could not be read: {_counts(supervisor.skipped)}" if supervisor.skipped else ""
                return f"texts: {_counts(publisher.counts)}, waiting {len(outbox):,}{lost}{skipped}"

            stopped_by = await _until_stopped(publisher.run(supervisor.texts()), status, tell)
            if stopped_by is None and all(one.state is SourceState.OFF for one in supervisor.status.values()):
                raise ConfigError("every source of texts is off: set the keys that the lines above name, or add a feed")
            return stopped_by
        finally:
            outbox.close()


async def score(config: RunConfig, environment: Mapping[str, str], tell: Tell) -> signal.Signals | None:
    """Score the items of nodes until a signal asks to stop; return which one did.

    Raises
    ------
    ConfigError, MessagingError
        As for `ingest`.
    """
    async with _redis(config, environment, tell) as redis:
        model = create_model(config.text)
        name = f"{socket.gethostname()}-{os.getpid()}"
        route = scoring_route(Keys(config.messaging.namespace))
        worker = Worker(redis, config.messaging, route, name, Scorer(model), tell)
        tell(f"worker {name}: scoring {route.source} with {model.name}")
        return await _until_stopped(worker.run(), lambda: f"items: {_counts(worker.counts)}", tell)


@asynccontextmanager
async def _redis(config: RunConfig, environment: Mapping[str, str], tell: Tell) -> AsyncIterator["Redis"]:
    redis = connect(config.messaging, environment)
    try:
        for line in await require(redis, config.messaging):
            tell(line)
        yield redis
    finally:
        await redis.aclose()


async def _until_stopped(
    work: Coroutine[Any, Any, None], status: Callable[[], str], tell: Tell
) -> signal.Signals | None:
    """Run `work` until it is done or the process is asked to stop, and say how it fares every few seconds."""
    asked: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _resolve, asked, number)
    working = asyncio.ensure_future(work)
    reporting = asyncio.ensure_future(_report(status, tell))
    try:
        either: set[asyncio.Future[Any]] = {working, asked}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return None
        return asked.result()
    finally:
        for task in (working, reporting):
            task.cancel()
        await asyncio.gather(working, reporting, return_exceptions=True)
        tell(status())


def _resolve(asked: "asyncio.Future[signal.Signals]", number: signal.Signals) -> None:
    if not asked.done():
        asked.set_result(number)


async def _report(status: Callable[[], str], tell: Tell) -> None:
    last = ""
    while True:
        await asyncio.sleep(STATUS_S)
        if status() != last:
            last = status()
            tell(last)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()) if count) or "none yet"
