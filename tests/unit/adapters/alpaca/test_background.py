"""What goes on beside a client's commands."""

import asyncio
from collections.abc import Awaitable, Callable

from adapters.alpaca.background import Background


def _told(scenario: Callable[[Background], Awaitable[None]]) -> list[str]:
    """Return what is told of failures while a scenario runs."""
    told: list[str] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        await scenario(Background(loop, lambda what, error: told.append(f"{what}: {error}")))
        await asyncio.sleep(0)

    asyncio.run(run())
    return told


async def _fail() -> None:
    raise ValueError("no such thing")


def test_what_fails_is_told_and_the_rest_goes_on() -> None:
    done: list[str] = []

    async def go_on() -> None:
        await asyncio.sleep(0.01)
        done.append("the rest")

    async def scenario(background: Background) -> None:
        background.begin(_fail())
        await background.begin(go_on())

    assert _told(scenario) == ["a part of Alpaca's client has failed, and does not go on: no such thing"]
    assert done == ["the rest"]


def test_its_end_waits_for_all_to_have_ended_and_is_no_failure() -> None:
    left: list[int] = []

    async def wait(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            left.append(number)

    async def scenario(background: Background) -> None:
        for number in range(3):
            background.begin(wait(number))
        await asyncio.sleep(0)
        await background.end()
        assert sorted(left) == [0, 1, 2]

    assert _told(scenario) == []
