"""The decorator that asks again: what for, how often, and how long it waits."""

import asyncio
from collections.abc import Iterator

import pytest

stamina = pytest.importorskip("stamina", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from adapters.common import retry as module  # noqa: E402
from adapters.common.retry import NotProcessedError, TransientError, retry  # noqa: E402


class Caller:
    """Fails with the next of `faults` until none is left."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return "done"


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """Collect the waits that are scheduled."""
    found: list[float] = []
    stamina.instrumentation.set_on_retry_hooks([lambda details: found.append(details.wait_for)])
    yield found
    stamina.instrumentation.set_on_retry_hooks([module._tell])


def test_a_transient_error_is_asked_again_and_the_last_is_the_callers() -> None:
    once, ever = Caller(TransientError("a")), Caller(*[TransientError(str(n)) for n in range(9)])
    assert retry(max_attempts=3, backoff_seconds=0.001)(once)() == "done"
    with pytest.raises(TransientError, match="2"):
        retry(max_attempts=3, backoff_seconds=0.001)(ever)()
    assert (once.calls, ever.calls) == (2, 3)


@pytest.mark.parametrize("error", [ValueError("a defect"), KeyboardInterrupt()])
def test_what_is_not_transient_is_not_asked_again(error: BaseException) -> None:
    call = Caller(error)  # type: ignore[arg-type]
    with pytest.raises(type(error)):
        retry(backoff_seconds=0.001)(call)()
    assert call.calls == 1


def test_what_must_not_happen_twice_is_repeated_only_if_it_had_no_effect() -> None:
    lost, refused = Caller(TransientError("cut")), Caller(NotProcessedError("429"))
    careful = retry(backoff_seconds=0.001, on=NotProcessedError)
    with pytest.raises(TransientError):
        careful(lost)()
    assert careful(refused)() == "done"
    assert (lost.calls, refused.calls) == (1, 2)


def test_waits_grow_and_vary_and_a_server_is_given_what_it_asks_for(waits: list[float]) -> None:
    for _ in range(20):
        retry(max_attempts=3, backoff_seconds=0.002)(Caller(TransientError("a"), TransientError("b")))()
    first, second = waits[::2], waits[1::2]
    assert all(0.002 <= wait <= 0.003 for wait in first)
    assert all(0.004 <= wait <= 0.005 for wait in second)
    assert len(set(first)) > 10
    waits.clear()
    retry()(Caller(TransientError("429", retry_after_s=0.01)))()
    assert waits == [0.01]


def test_nobody_is_waited_for_longer_than_a_minute(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_S_MAX", 0.02)
    retry()(Caller(TransientError("429", retry_after_s=1e9)))()
    assert waits == [0.02]


def test_what_must_not_happen_late_is_not_asked_again_after_a_long_wait() -> None:
    long, short = Caller(NotProcessedError("429", retry_after_s=9.0)), Caller(NotProcessedError("429", 0.01))
    prompt = retry(backoff_seconds=0.001, on=NotProcessedError, patience_seconds=5.0)
    with pytest.raises(NotProcessedError):
        prompt(long)()
    assert prompt(short)() == "done"
    assert (long.calls, short.calls) == (1, 2)


def test_coroutine_functions_are_asked_again_too() -> None:
    call = Caller(TransientError("a"))

    @retry(max_attempts=3, backoff_seconds=0.001)
    async def ask() -> str:
        return call()

    assert asyncio.run(ask()) == "done"
    assert call.calls == 2


def test_a_person_is_told_what_failed_and_when_it_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    retry(backoff_seconds=0.001)(Caller(TransientError("it answered 503")))()
    assert caplog.messages == ["it answered 503; asking again in 0.0 s"]
