"""A fetch of bars from beginning to end, or broken off."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagetrade_nautilus.run.fetch import Day, Wish, fetch


def fetched(connect: Callable[[], Any], wish: Wish, catalog: Path, now_ns: int, stop_after: int = 99) -> list[Day]:
    """Return what became of each day of a wish, the first `stop_after` of them; `connect` makes the source."""

    async def run() -> list[Day]:
        source, found = connect(), []
        try:
            async for day in fetch(source, wish, catalog, now_ns):
                found.append(day)
                if len(found) == stop_after:
                    break
        finally:
            await source.aclose()
        return found

    return asyncio.run(run())
