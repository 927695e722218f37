"""Replayed texts keep their order, their times and, at a chosen speed, their pauses."""

import asyncio

import pytest

from adapters.news.replay import ReplaySource
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError

SECOND = 1_000_000_000


def texts(*seconds: int) -> list[RawText]:
    return [
        RawText(at * SECOND, at * SECOND, source="s", title=str(at), body="", url="", first_seen_known=False)
        for at in seconds
    ]


class FakeTime:
    def __init__(self) -> None:
        self.now_ns = 5 * SECOND

    def clock(self) -> int:
        return self.now_ns

    async def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND)


async def _play(source: ReplaySource, time: FakeTime, count: int = 99) -> list[tuple[float, str]]:
    heard = []
    async for text in source.texts():
        heard.append((time.now_ns / SECOND - 5.0, text.title))
        if len(heard) == count:
            break
    return heard


def test_pauses_are_the_original_ones_over_the_speed() -> None:
    time = FakeTime()
    source = ReplaySource(texts(100, 100, 160, 220), 60.0, sleep=time.sleep, clock=time.clock)
    assert asyncio.run(_play(source, time)) == [(0.0, "100"), (0.0, "100"), (1.0, "160"), (2.0, "220")]


def test_speed_0_never_waits() -> None:
    time = FakeTime()
    source = ReplaySource(texts(1, 1_000_000), 0.0, sleep=time.sleep, clock=time.clock)
    assert asyncio.run(_play(source, time)) == [(0.0, "1"), (0.0, "1000000")]


def test_after_an_interruption_it_goes_on_where_it_stopped() -> None:
    time = FakeTime()
    source = ReplaySource(texts(1, 2, 3), 0.0, sleep=time.sleep, clock=time.clock)
    assert [title for _, title in asyncio.run(_play(source, time, count=2))] == ["1", "2"]
    assert [title for _, title in asyncio.run(_play(source, time))] == ["3"]


@pytest.mark.parametrize("speed", [-1.0, float("nan")])
def test_a_speed_below_0_is_refused(speed: float) -> None:
    with pytest.raises(ConfigError, match="speed"):
        ReplaySource([], speed)
