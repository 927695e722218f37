"""Calls from foreign threads come back to the loop's own thread, in order; without a loop they are made at once."""

import asyncio
import threading

from nautilus_trader.common.component import LiveClock, TestClock

from actors.hop import Hop


def test_in_a_backtest_the_call_is_made_at_once() -> None:
    heard: list[int] = []
    Hop(TestClock())(heard.append, 1)
    assert heard == [1]


def test_on_the_loops_own_thread_the_call_is_made_at_once() -> None:
    async def scenario() -> list[int]:
        heard: list[int] = []
        Hop(LiveClock())(heard.append, 1)
        return list(heard)

    assert asyncio.run(scenario()) == [1]


def test_from_a_foreign_thread_calls_are_made_on_the_loops_thread_in_order() -> None:
    async def scenario() -> tuple[list[int], set[int]]:
        heard: list[int] = []
        threads: set[int] = set()
        hop = Hop(LiveClock())

        def note(number: int) -> None:
            heard.append(number)
            threads.add(threading.get_ident())

        foreign = threading.Thread(target=lambda: [hop(note, number) for number in range(100)])
        foreign.start()
        foreign.join()
        before = list(heard)
        await asyncio.sleep(0)
        return before + heard, threads

    heard, threads = asyncio.run(scenario())
    assert heard == list(range(100))
    assert threads == {threading.get_ident()}
