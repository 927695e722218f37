"""What is to be sent, in order, until Telegram has taken it: bounded, and nobody who fills it ever waits.

Answers to people come before notices. While Telegram cannot be reached both wait; beyond the bound the oldest notice
that is not critical is dropped, then the oldest answer, and the next message of the kind says how many were.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec

from sagetrade_nautilus.bot.telegram.wire import Edit, Outgoing, Send, parted

RETRY_S_MIN: Final = 0.5
RETRY_S_MAX: Final = 60.0


class RetryError(Exception):
    """Telegram could not be reached, or asks to wait: the message is still to be sent.

    `after_s` is how long Telegram asked to wait, ``None`` where it did not say.
    """

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class RefusedError(Exception):
    """Telegram will never take this message: the person blocked the bot, or the message is gone."""


class Outbox:
    """Two queues, of answers and of notices, and one task that empties them.

    Call it on the event loop alone.

    Parameters
    ----------
    deliver : callable
        Sends one thing; raises `RetryError` or `RefusedError`.
    capacity : int
        Messages that may wait.
    tell : callable
        Told in a line what went wrong; nothing of what was to be sent.
    dropped : callable
        Returns the line that tells a person how many messages were dropped: takes the chat and the count.
    """

    def __init__(
        self,
        deliver: Callable[[Outgoing], Awaitable[None]],
        capacity: int,
        tell: Callable[[str], None],
        dropped: Callable[[int, int], str],
    ) -> None:
        self._deliver = deliver
        self._capacity = capacity
        self._tell = tell
        self._dropped_line = dropped
        self._answers: deque[Outgoing] = deque()
        self._notices: deque[Send] = deque()
        self._lost_answers: Counter[int] = Counter()
        self._lost_notices: Counter[int] = Counter()
        self._work = asyncio.Event()
        self._fresh = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._sending: Outgoing | None = None

    def __len__(self) -> int:
        return len(self._answers) + len(self._notices)

    @property
    def dropped(self) -> int:
        """How many messages were dropped that nobody has been told of yet."""
        return self._lost_answers.total() + self._lost_notices.total()

    def answer(self, *outgoing: Outgoing) -> None:
        """Send something that a person waits for."""
        self._answers.extend(part for item in outgoing for part in parted(item))
        self._fresh.set()
        self._wake()

    def notify(self, notice: Send) -> None:
        """Send a notice, after all answers."""
        self._notices.extend(parted(notice))
        self._wake()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything is sent, at most `timeout_s` seconds, and return whether it is."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Send for ever."""
        failures = 0
        while True:
            await self._work.wait()
            item = self._next()
            self._sending = item
            try:
                await self._deliver(item)
                failures = 0
            except RetryError as error:
                failures += 1
                self._tell(f"Telegram cannot be reached, {len(self)} messages wait: {error}")
                await self._wait(failures, error.after_s)
                continue
            except RefusedError as error:
                self._tell(f"Telegram does not take a message: {error}")
            except Exception as error:  # noqa: BLE001 - the queue's edge: one message must not hold up all others
                self._tell(f"a message cannot be sent: {type(error).__name__}")
            self._answers = deque(waiting for waiting in self._answers if waiting is not item)
            self._notices = deque(waiting for waiting in self._notices if waiting is not item)
            self._sending = None
            if not len(self):
                self._work.clear()
                self._idle.set()

    async def _wait(self, failures: int, after_s: float | None) -> None:
        """Wait as long as Telegram asks; else twice as long each time, with some chance in it, or until an answer."""
        if after_s is not None:
            await asyncio.sleep(after_s)
            return
        wait_s = min(RETRY_S_MAX, RETRY_S_MIN * 2.0 ** min(failures - 1, 10)) * random.uniform(0.75, 1.25)  # noqa: S311
        self._fresh.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._fresh.wait()

    def _next(self) -> Outgoing:
        """Return what is sent next. It owns up to those of its kind before it that were dropped."""
        if self._answers:
            self._answers[0] = self._owning_up(self._answers[0], self._lost_answers)
            return self._answers[0]
        notice = self._owning_up(self._notices[0], self._lost_notices)
        self._notices[0] = notice
        return notice

    def _owning_up[Item: Outgoing](self, item: Item, lost: Counter[int]) -> Item:
        if not isinstance(item, Send) or item.chat_id not in lost:
            return item
        line = self._dropped_line(item.chat_id, lost.pop(item.chat_id))
        return msgspec.structs.replace(item, text=f"{line}\n\n{item.text}".rstrip())

    def _wake(self) -> None:
        while len(self) > self._capacity and self._drop():
            pass
        if len(self):
            self._idle.clear()
            self._work.set()

    def _drop(self) -> bool:
        """Drop the oldest notice that is not critical, else the oldest one, else the oldest answer."""
        waiting = [notice for notice in self._notices if notice is not self._sending]
        if waiting:
            lost = next((notice for notice in waiting if not notice.critical), waiting[0])
            self._notices = deque(notice for notice in self._notices if notice is not lost)
            self._lost_notices[lost.chat_id] += 1
            return True
        old = next((item for item in self._answers if item is not self._sending), None)
        self._answers = deque(item for item in self._answers if item is not old)
        if isinstance(old, Send | Edit):
            self._lost_answers[old.chat_id] += 1
        return old is not None
