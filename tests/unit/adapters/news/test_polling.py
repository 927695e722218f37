import asyncio
import threading
from collections.abc import Sequence

import pytest

from adapters.news import polling
from adapters.news.polling import Answer, PollingSource, in_thread
from adapters.news.post import BODY_CHARS, LATEST_NS, TITLE_CHARS, URL_CHARS, Post, Seen
from adapters.news.source import SourceError
from sagetrade_nautilus.data import RawText

NOW = 1_700_000_000 * 10**9


def post(key: str, published_ns: int = NOW - 1, title: str = "Bitcoin rises") -> Post:
    return Post(key, "Wire", title, "", "https://e.com", published_ns)


class Scripted(PollingSource):
    """Gives its answers in turn, and then fails."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__("scripted", 10.0, clock=lambda: NOW, sleep=self._wait)
        self.answers = list(answers)
        self.waits: list[float] = []

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def ask(self) -> Answer:
        if not self.answers:
            raise SourceError("no more")
        return self.answers.pop(0)


def read(source: Scripted) -> list[RawText]:
    found: list[RawText] = []

    async def collect() -> None:
        async for text in source.texts():
            found.append(text)

    with pytest.raises(SourceError):
        asyncio.run(collect())
    return found


def test_what_is_new_comes_once_and_the_oldest_of_an_answer_first() -> None:
    source = Scripted(Answer((post("b", 20), post("a", 10))), Answer((post("c", 5), post("b", 20))))
    assert [text.ts_event for text in read(source)] == [10, 20, 5]
    assert source.waits == [10.0, 10.0]


def test_a_server_whose_answer_never_ends_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Scripted):
        async def ask(self) -> Answer:
            return await in_thread(lambda: threading.Event().wait() and Answer(()))

    monkeypatch.setattr(polling, "ASK_S", 0.05)

    async def first() -> RawText:
        return await anext(Endless().texts())

    with pytest.raises(SourceError, match="did not answer within"):
        asyncio.run(asyncio.wait_for(first(), 5.0))


def test_an_edited_title_is_new() -> None:
    assert len(read(Scripted(Answer((post("a"),)), Answer((post("a", title="Bitcoin falls"),))))) == 2


def test_a_pause_that_the_server_asks_for_is_made() -> None:
    source = Scripted(Answer((), pause_s=42.0), Answer((), pause_s=1.0))
    read(source)
    assert source.waits == [42.0, 10.0]


@pytest.mark.parametrize("published", [0, -1, LATEST_NS, 253_402_300_799 * 10**9])
def test_a_post_without_a_time_that_can_be_one_never_comes(published: int) -> None:
    assert [text.ts_event for text in read(Scripted(Answer((post("a", published), post("b", 7)))))] == [7]
    source = Scripted(Answer((post("a", published),)))
    assert read(source) == []
    assert source.waits == []  # it was told at once


def test_a_text_is_as_it_came_but_bounded_valid_and_stamped_with_its_first_sight() -> None:
    text = Post("k", "W", "\ud800" + "t" * 20_000, "b" * 60_000, "u" * 3_000, 5).raw_text(NOW)
    assert (len(text.title), len(text.body), len(text.url)) == (TITLE_CHARS, BODY_CHARS, URL_CHARS)
    assert text.title.startswith("?t")
    assert (text.ts_event, text.ts_init, text.first_seen_known) == (5, NOW, True)


def test_the_memory_of_what_was_seen_is_bounded() -> None:
    seen = Seen(2)
    assert [seen.is_new(post(key)) for key in "aabca"] == [True, False, True, True, True]


def test_a_blocking_call_runs_elsewhere_and_its_error_comes_back() -> None:
    def fail() -> Sequence[int]:
        raise ValueError("no")

    async def both() -> int:
        assert await in_thread(threading.get_ident) != threading.get_ident()
        with pytest.raises(ValueError, match="no"):
            await in_thread(fail)
        return 1

    assert asyncio.run(both()) == 1
