"""Several processes share a stream's entries: each entry takes effect once, whoever dies on the way."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.messaging.connection import BLOCK_MS, Outage, broken, remember_s
from adapters.messaging.scripts import BURY, COUNT_UNREAD, FINISH
from adapters.messaging.wire import Keys, Message
from sagetrade_nautilus.config import MessagingConfig

if TYPE_CHECKING:
    from redis.asyncio import Redis

Entry = tuple[bytes, Mapping[bytes, bytes]]
Handler = Callable[[Sequence[Mapping[bytes, bytes]]], Sequence["Outcome"]]
"""Turns entries into their outcomes, one each. It must give the same for the same entries and do nothing else: an
entry may be handled again by another worker, and only the first outcome counts."""


class Outcome(msgspec.Struct, frozen=True):
    """What an entry comes to: the id by which a repeat of it is known, and the messages that follow from it."""

    key: str
    messages: tuple[Message, ...]


class Route(msgspec.Struct, frozen=True):
    """Where a group of workers reads and writes."""

    group: str
    source: str
    target: str


class Worker:
    """One member of a consumer group.

    Entries are acknowledged in the same step in which their outcome is written, so a worker may die at any moment. What
    a dead worker has taken goes to another after `claim_after_s`; what failed `tries_max` times is laid into the
    stream ``NAMESPACE:dead:GROUP`` with the reason.

    Parameters
    ----------
    redis : Redis
        The client.
    config : MessagingConfig
        Namespace, times and bounds.
    route : Route
        Its streams.
    name : str
        Its name, which no other member has.
    handle : Handler
        The work.
    tell : callable
        Takes each line that a person should read.

    Attributes
    ----------
    counts : Counter[str]
        'done', 'repeats' whose outcome another worker had written, 'failed' tries, 'claimed' from other workers,
        'dead', and 'lost': entries that the stream's bound removed before they were done.
    """

    def __init__(
        self,
        redis: "Redis",
        config: MessagingConfig,
        route: Route,
        name: str,
        handle: Handler,
        tell: Callable[[str], None],
    ) -> None:
        self._redis = redis
        self._config = config
        self._route = route
        self._name = name
        self._handle = handle
        self._tell = tell
        self._keys = Keys(config.namespace)
        self._finish = redis.register_script(FINISH)
        self._bury = redis.register_script(BURY)
        self._overrun = redis.register_script(COUNT_UNREAD)
        self._claim_ms = round(config.claim_after_s * 1_000.0)
        self._claim_at_s = 0.0
        self._outage = Outage(tell, "waiting for it")
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Work until cancelled. A lost connection is waited out."""
        is_member = False
        while True:
            try:
                if not is_member:
                    await self._take_up()
                    is_member = True
                await self._work()
            except broken() as error:
                is_member = False
                await self._outage.wait(error)
                continue
            self._outage.end()

    async def _take_up(self) -> None:
        """Join the group, and finish what this worker was given: a reply that was lost is an entry taken."""
        await self._join()
        position: bytes | str = "0"
        while entries := await self._read(position):
            await self._process(entries)
            position = entries[-1][0]
        self._claim_at_s = 0.0

    async def _join(self) -> None:
        from redis.exceptions import ResponseError  # noqa: PLC0415 - an extra

        try:
            await self._redis.xgroup_create(self._route.source, self._route.group, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _work(self) -> None:
        """Do what is new, and from time to time what nobody has finished."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._claim_at_s:
            await self._claim()
            await self._count_unread()
            self._claim_at_s = now_s + self._config.claim_after_s / 2.0
        entries = await self._read(">", block_ms=min(BLOCK_MS, self._claim_ms))
        if entries:
            await self._process(entries)

    async def _read(self, position: bytes | str, block_ms: int | None = None) -> list[Entry]:
        reply: Any = await self._redis.xreadgroup(
            self._route.group,
            self._name,
            {self._route.source: position},
            count=self._config.batch_max,
            block=block_ms,
        )
        return [entry for _, entries in reply for entry in entries]

    async def _claim(self) -> None:
        """Take over what nobody has finished for too long; bury what has been tried often enough."""
        start: bytes | str = "-"
        source, group = self._route.source, self._route.group
        while True:
            pending: list[dict[str, Any]] = await self._redis.xpending_range(
                source, group, min=start, max="+", count=self._config.batch_max, idle=self._claim_ms
            )
            if not pending:
                return
            for one in pending:
                if one["times_delivered"] >= self._config.tries_max:
                    await self._lay_aside(one["message_id"], f"tried {one['times_delivered']} times")
            again = [one["message_id"] for one in pending if one["times_delivered"] < self._config.tries_max]
            if again:
                await self._take_over(again)
            start = b"(" + pending[-1]["message_id"]

    async def _take_over(self, ids: list[bytes]) -> None:
        source, group = self._route.source, self._route.group
        trimmed = [name for name in ids if not await self._redis.xrange(source, name, name)]
        await self._count_lost(trimmed)
        claimed: Any = await self._redis.xclaim(source, group, self._name, self._claim_ms, list[Any](ids))
        self.counts["claimed"] += len(claimed)
        await self._process(claimed)

    async def _count_lost(self, trimmed: Sequence[bytes]) -> None:
        """Say what this group was given and the stream's bound removed before it was done."""
        lost = await self._redis.xack(self._route.source, self._route.group, *trimmed) if trimmed else 0
        if lost:
            self.counts["lost"] += lost
            self._tell(f"{lost:,} entries were trimmed from {self._route.source} before they were done")

    async def _count_unread(self) -> None:
        """Say what the stream's bound removed before any member of this group read it."""
        lost = await self._overrun(keys=[self._route.source], args=[self._route.group])
        if lost:
            self.counts["lost"] += lost
            self._tell(f"{lost:,} entries were trimmed from {self._route.source} before anybody read them")

    async def _process(self, entries: Sequence[Entry]) -> None:
        present = [entry for entry in entries if entry[1]]
        trimmed = [name for name, fields in entries if not fields]
        await self._count_lost(trimmed)
        outcomes = zip(present, self._outcomes(present), strict=True)
        await self._write([(name, outcome) for (name, _), outcome in outcomes if outcome is not None])

    def _outcomes(self, entries: Sequence[Entry]) -> list[Outcome | None]:
        """Handle all at once; if that fails one by one, so that one bad entry takes no other with it."""
        try:
            return [*self._handled(entries)]
        except Exception as error:  # noqa: BLE001 - whatever an entry does to the work must not stop the worker
            if len(entries) > 1:
                return [outcome for entry in entries for outcome in self._outcomes([entry])]
            self.counts["failed"] += 1
            self._tell(f"{entries[0][0].decode()}: {type(error).__name__}: {error}")
            return [None]

    def _handled(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        outcomes = self._handle([fields for _, fields in entries]) if entries else ()
        if len(outcomes) != len(entries):
            raise ValueError(f"{len(outcomes)} outcomes of {len(entries)} entries")
        return outcomes

    async def _write(self, outcomes: Sequence[tuple[bytes, Outcome]]) -> None:
        """Write and acknowledge each outcome in one step of its own; all of them in one round trip."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for name, outcome in outcomes:
                seen = self._keys.seen(self._route.group, outcome.key)
                parts = [part for message in outcome.messages for part in (message.topic, message.payload)]
                await self._finish(
                    keys=[seen, self._route.source, self._route.target],
                    args=[self._route.group, name, remember_s(self._config), self._config.stream_length_max, *parts],
                    client=pipe,
                )
            written = await pipe.execute()
        fresh = sum(written)
        self.counts["done"] += fresh
        self.counts["repeats"] += len(written) - fresh

    async def _lay_aside(self, name: bytes, why: str) -> None:
        found: Any = await self._redis.xrange(self._route.source, name, name)
        parts = [part for pair in (found[0][1].items() if found else ()) for part in pair]
        await self._bury(
            keys=[self._route.source, self._keys.dead(self._route.group)],
            args=[self._route.group, name, self._config.stream_length_max, why, *parts],
        )
        self.counts["dead"] += 1
        self._tell(f"{name.decode()}: {why}; laid into {self._keys.dead(self._route.group)}")
