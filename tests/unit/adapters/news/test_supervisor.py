import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.news.source import SourceError, SourceOffError, require_keys
from adapters.news.supervisor import Backoff, SourceState, Supervisor
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError


def text(title: str) -> RawText:
    return RawText(1, 2, source="Wire", title=title, body="", url="", first_seen_known=True)


class Script:
    """A source that yields strings and raises errors, one after the other, and then ends or waits for ever."""

    def __init__(self, name: str, *steps: str | Exception, endless: bool = False) -> None:
        self.name = name
        self.steps = list(steps)
        self.endless = endless
        self.closed = 0

    async def texts(self) -> AsyncIterator[RawText]:
        while self.steps:
            step = self.steps.pop(0)
            if isinstance(step, Exception):
                raise step
            yield text(step)
            await asyncio.sleep(0)
        if self.endless:
            await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed += 1


class Run:
    """What a supervisor yielded, told and waited for."""

    def __init__(self, *sources: Script, **settings: int) -> None:
        self.lines: list[str] = []
        self.waits: list[float] = []
        self.titles: list[str] = []
        self.supervisor = Supervisor(sources, self.lines.append, sleep=self._sleep, **settings)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)

    def play(self, until: Callable[[list[str]], bool] = lambda titles: False) -> "Run":
        async def read() -> None:
            async with aclosing(self.supervisor.texts()) as texts:
                async for one in texts:
                    self.titles.append(one.title)
                    if until(self.titles):
                        return

        asyncio.run(asyncio.wait_for(read(), 10))
        return self


def test_the_texts_of_all_sources_come_and_every_source_is_closed() -> None:
    sources = Script("a", "a1", "a2"), Script("b", "b1")
    run = Run(*sources).play()
    assert sorted(run.titles) == ["a1", "a2", "b1"]
    assert [source.closed for source in sources] == [1, 1]
    assert {status.state for status in run.supervisor.status.values()} == {SourceState.ENDED}


def test_a_source_that_fails_is_tried_again_while_the_others_go_on() -> None:
    run = Run(Script("bad", SourceError("it answered 500"), ValueError("key=123"), "late"), Script("good", "g1"))
    run.play()
    assert run.titles == ["g1", "late"]
    assert run.waits == [1.0, 2.0]
    assert "news source good: it has no more texts" in run.lines
    assert [line for line in run.lines if " bad:" in line] == [
        "news source bad: it answered 500; trying again in 1 s",
        "news source bad: it raised ValueError; trying again in 2 s",
        "news source bad: it works again",
        "news source bad: it has no more texts",
    ]


def test_a_source_without_its_key_is_off_with_one_line_and_never_tried_again() -> None:
    run = Run(Script("x", SourceOffError("X_BEARER_TOKEN not set"), "never"), Script("good", "g1")).play()
    assert run.titles == ["g1"]
    assert run.waits == []
    assert run.supervisor.status["x"].state is SourceState.OFF
    assert [line for line in run.lines if " x:" in line] == ["news source x: off: X_BEARER_TOKEN not set"]


def test_the_wait_that_a_server_asks_for_is_kept() -> None:
    run = Run(Script("a", SourceError("429", retry_after_s=42.0), "a1")).play()
    assert run.waits == [42.0]


def test_a_text_ends_the_row_of_failures() -> None:
    error = SourceError("down")
    run = Run(Script("a", error, error, "a1", error, "a2")).play()
    assert run.waits == [1.0, 2.0, 1.0]


def test_a_slow_reader_loses_nothing() -> None:
    titles = [str(number) for number in range(500)]
    assert Run(Script("a", *titles), buffer=3).play().titles == titles


def test_a_reader_that_leaves_stops_and_closes_the_sources() -> None:
    source = Script("a", "a1", endless=True)
    run = Run(source).play(until=bool)
    assert (run.titles, source.closed) == (["a1"], 1)


def test_a_source_that_cannot_close_holds_nobody_up() -> None:
    class Stuck(Script):
        async def aclose(self) -> None:
            raise OSError("no")

    other = Script("b", "b1")
    Run(Stuck("a", "a1"), other).play()
    assert other.closed == 1


def test_two_sources_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="one name"):
        Run(Script("a"), Script("a"))


@given(st.integers(1, 10**6), st.floats(allow_nan=True, allow_infinity=True))
def test_no_server_can_make_the_wait_negative_or_endless(failures: int, asked: float) -> None:
    backoff = Backoff()
    assert backoff.first_s <= backoff.delay_s(failures, asked) <= backoff.server_max_s


def test_all_missing_keys_are_named_and_none_is_shown() -> None:
    keys = {"A": "canary", "B": "", "C": None}
    with pytest.raises(SourceOffError, match=r"^B, C not set") as caught:
        require_keys(keys.get, "A", "B", "C")
    assert "canary" not in str(caught.value)
    assert require_keys({"A": "1", "B": "2"}.get, "A", "B") == ("1", "2")


def test_a_file_of_keys_that_cannot_be_trusted_turns_the_source_off_in_its_own_words() -> None:
    def secret(name: str) -> str | None:
        raise ConfigError(f"{name}: others may read the file")

    with pytest.raises(SourceOffError, match="A: others may read the file"):
        require_keys(secret, "A")


def test_what_a_source_skipped_is_shown_by_its_name() -> None:
    skipping, clean, plain = Script("a", "x"), Script("b", "y"), Script("c", "z")
    skipping.skipped, clean.skipped = 3, 0  # type: ignore[attr-defined]
    assert Run(skipping, clean, plain).play().supervisor.skipped == {"a": 3}
