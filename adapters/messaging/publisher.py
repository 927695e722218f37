"""From the outbox into a stream: each message once, in order, however often the connection breaks."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.messaging.connection import Outage, broken, remember_s
from adapters.messaging.outbox import Outbox
from adapters.messaging.scripts import PUBLISH_ONCE
from adapters.messaging.wire import RAW_TEXT_TOPIC, TEXT_ITEM_TOPIC, Keys, Message, content_id, pack
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import RawText, TextItem
from sagetrade_nautilus.errors import MessagingError

if TYPE_CHECKING:
    from redis.asyncio import Redis

BATCH: Final = 100


class Cargo(NamedTuple):
    """What a publisher carries: its name in lines and ids, its topic and stream, and by what a repeat is known."""

    name: str
    topic: str
    stream: Callable[[Keys], str]
    identify: Callable[[Any], str]


TEXTS: Final = Cargo("text", RAW_TEXT_TOPIC, lambda keys: keys.texts, content_id)
ITEMS: Final = Cargo("item", TEXT_ITEM_TOPIC, lambda keys: keys.items, lambda item: str(item.item_id))


class Publisher:
    """Keeps messages in an outbox until Redis has taken them.

    Parameters
    ----------
    redis : Redis
        The client.
    config : MessagingConfig
        Namespace, length of the stream, and how long ids are remembered.
    outbox : Outbox
        What waits.
    tell : callable
        Takes each line that a person should read: when Redis is lost, and when it is back.
    cargo : Cargo
        Raw texts from the sources, or a node's clean items.

    Attributes
    ----------
    counts : Counter[str]
        'taken' from the sources, 'published', 'repeats' that another process (or this one, before a cut) had
        published, and 'refused', too large or not to be encoded.
    """

    def __init__(
        self,
        redis: "Redis",
        config: MessagingConfig,
        outbox: Outbox,
        tell: Callable[[str], None],
        cargo: Cargo = TEXTS,
    ) -> None:
        self._redis = redis
        self._cargo = cargo
        self._keys = Keys(config.namespace)
        self._stream = cargo.stream(self._keys)
        self._length_max = config.stream_length_max
        self._remember_s = remember_s(config)
        self._script = redis.register_script(PUBLISH_ONCE)
        self._outbox = outbox
        self._tell = tell
        self._outage = Outage(tell, f"{cargo.name}s wait here")
        self._wake = asyncio.Event()
        self._ended = False
        self.counts: Counter[str] = Counter()

    async def run(self, texts: AsyncIterator[RawText] | AsyncIterator[TextItem]) -> None:
        """Take in `texts` and publish them; return when they have ended and everything is published."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take(texts))
            tasks.create_task(self._send())

    async def _take(self, texts: AsyncIterator[RawText] | AsyncIterator[TextItem]) -> None:
        async for text in texts:
            self.counts["taken"] += 1
            try:
                message = pack(self._cargo.identify(text), self._cargo.topic, text)
            except MessagingError as error:
                self.counts["refused"] += 1
                self._tell(f"{text.source}: {error}")
                continue
            self._outbox.add([message])
            self._wake.set()
        self._ended = True
        self._wake.set()

    async def _send(self) -> None:
        while True:
            self._wake.clear()
            batch = self._outbox.first(BATCH)
            if not batch and self._ended:
                return
            if not batch:
                await self._wake.wait()
                continue
            try:
                fresh = await self._publish([message for _, message in batch])
            except broken() as error:
                await self._outage.wait(error)
                continue
            if self._outage.failures:
                self._outage.end(f"; {len(self._outbox):,} {self._cargo.name}s waited")
            self._outbox.remove([number for number, _ in batch])
            self.counts["published"] += fresh
            self.counts["repeats"] += len(batch) - fresh

    async def _publish(self, messages: list[Message]) -> int:
        """Publish what is not published yet, in order; return how many were."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for message in messages:
                seen = self._keys.seen(self._cargo.name, message.key)
                arguments = (self._remember_s, self._length_max, message.topic, message.payload)
                await self._script(keys=[seen, self._stream], args=arguments, client=pipe)
            return sum(await pipe.execute())
