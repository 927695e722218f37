"""Tasks that nobody awaits: kept until they are done, their errors told."""

import asyncio
import gc

from sagetrade_nautilus.background import Background


def test_a_task_is_kept_until_it_is_done_and_its_error_is_told() -> None:
    told: list[BaseException] = []

    async def fail(after: asyncio.Event) -> None:
        await after.wait()
        raise ValueError("no")

    async def main() -> None:
        go, background = asyncio.Event(), Background(told.append)
        background.begin(fail(go))
        await asyncio.sleep(0)
        gc.collect()
        go.set()
        await asyncio.sleep(0.01)
        assert background.cancel() == []

    asyncio.run(main())
    assert [str(error) for error in told] == ["no"]


def test_what_begins_at_once_runs_before_all_that_is_ready() -> None:
    order: list[str] = []

    async def note(name: str) -> None:
        order.append(name)

    async def main() -> None:
        background = Background(lambda error: None)
        background.begin(note("later"))
        background.begin(note("at once"), at_once=True)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert order == ["at once", "later"]


def test_the_end_waits_for_all_and_what_is_cancelled_is_no_error() -> None:
    told: list[BaseException] = []
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append("work")

    async def main() -> None:
        background = Background(told.append)
        background.begin(work())
        await asyncio.sleep(0)
        await background.end()
        assert ended == ["work"]

    asyncio.run(main())
    assert told == []
