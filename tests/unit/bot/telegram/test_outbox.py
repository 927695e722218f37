"""Messages reach Telegram in order, whatever it does meanwhile; whoever sends never waits."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sagetrade_nautilus.bot.telegram import outbox as outbox_module
from sagetrade_nautilus.bot.telegram.outbox import Outbox, RefusedError, RetryError
from sagetrade_nautilus.bot.telegram.wire import Outgoing, Send


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "RETRY_S_MIN", 0.001)


def notice(text: str, critical: bool = False, chat_id: int = 7) -> Send:
    return Send(chat_id=chat_id, text=text, critical=critical)


def run(
    fill: Callable[[Outbox], object], faults: list[Exception | None] | None = None, capacity: int = 10
) -> tuple[list[str], list[str]]:
    """Fill an outbox, let it send everything, and return what arrived and what was told."""
    arrived: list[str] = []
    told: list[str] = []

    async def deliver(outgoing: Outgoing) -> None:
        fault = faults.pop(0) if faults else None
        if fault is not None:
            raise fault
        assert isinstance(outgoing, Send)
        arrived.append(outgoing.text)

    async def work() -> None:
        box = Outbox(deliver, capacity, told.append, lambda chat_id, count: f"{count} lost")
        fill(box)
        sending = asyncio.ensure_future(box.run())
        assert await box.drain(5.0)
        sending.cancel()

    asyncio.run(work())
    return arrived, told


def test_everything_arrives_in_order() -> None:
    arrived, told = run(lambda box: [box.notify(notice(str(number))) for number in range(5)])
    assert (arrived, told) == (["0", "1", "2", "3", "4"], [])


def test_nothing_to_send_is_nothing() -> None:
    assert run(lambda box: box.answer()) == ([], [])


def test_an_answer_overtakes_notices() -> None:
    def fill(box: Outbox) -> None:
        box.notify(notice("notice"))
        box.answer(notice("first"), notice("second"))

    assert run(fill)[0] == ["first", "second", "notice"]


def test_what_telegram_does_not_take_now_is_sent_again_and_first() -> None:
    down: list[Exception | None] = [RetryError("down"), RetryError("down"), None]
    arrived, told = run(lambda box: [box.notify(notice(text)) for text in "ab"], down)
    assert arrived == ["a", "b"]
    assert len(told) == 2


def test_it_waits_as_long_as_telegram_asks() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        faults: list[Exception] = [RetryError("flood", 0.2)]

        async def deliver(outgoing: Outgoing) -> None:
            if faults:
                raise faults.pop()

        box = Outbox(deliver, 10, lambda line: None, lambda chat_id, count: "")
        box.answer(notice("a"))
        began = loop.time()
        sending = asyncio.ensure_future(box.run())
        await asyncio.sleep(0.05)
        box.answer(notice("b"))  # which must not break what Telegram asked for
        await box.drain(5.0)
        sending.cancel()
        return loop.time() - began

    assert asyncio.run(work()) >= 0.2


@pytest.mark.parametrize("fault", [RefusedError("blocked"), ValueError("a defect")])
def test_one_message_that_is_never_taken_holds_up_none(fault: Exception) -> None:
    arrived, told = run(lambda box: [box.notify(notice(text)) for text in "ab"], [fault])
    assert arrived == ["b"]
    assert len(told) == 1
    assert "a defect" not in told[0]


def test_beyond_the_bound_the_oldest_notices_are_dropped_and_owned_up_to() -> None:
    def fill(box: Outbox) -> None:
        box.notify(notice("stop", critical=True))
        for number in range(20):
            box.notify(notice(str(number)))
        assert len(box) == 10
        assert box.dropped == 11

    arrived, _ = run(fill)
    assert arrived == ["11 lost\n\nstop", *map(str, range(11, 20))]


def test_of_critical_notices_alone_the_oldest_goes_and_answers_go_last() -> None:
    def fill(box: Outbox) -> None:
        box.answer(notice("answer"))
        for number in range(20):
            box.notify(notice(str(number), critical=True))

    arrived, _ = run(fill, capacity=3)
    assert arrived == ["answer", "18 lost\n\n18", "19"]


def test_answers_that_were_dropped_are_owned_up_to_by_the_next_one() -> None:
    arrived, _ = run(lambda box: box.answer(*(notice(str(number)) for number in range(12))))
    assert arrived == ["2 lost\n\n2", *map(str, range(3, 12))]


def test_a_picture_whose_long_text_fails_is_not_sent_again() -> None:
    sent: list[tuple[bool, int]] = []
    faults: list[Exception | None] = [None, RetryError("away"), None]

    async def deliver(outgoing: Outgoing) -> None:
        assert isinstance(outgoing, Send)
        fault = faults.pop(0)
        if fault is not None:
            raise fault
        sent.append((outgoing.picture is not None, len(outgoing.text)))

    async def work() -> None:
        box = Outbox(deliver, 10, lambda line: None, lambda chat_id, count: "")
        box.answer(Send(chat_id=7, text="x" * 2_000, picture=b"png"))
        sending = asyncio.ensure_future(box.run())
        assert await box.drain(5.0)
        sending.cancel()

    asyncio.run(work())
    assert sent == [(True, 0), (False, 2_000)]


def test_whoever_sends_never_waits_though_telegram_hangs() -> None:
    async def work() -> int:
        async def deliver(outgoing: Outgoing) -> None:
            await asyncio.sleep(3_600)

        box = Outbox(deliver, 100, lambda line: None, lambda chat_id, count: "")
        sending = asyncio.ensure_future(box.run())
        for number in range(10_000):
            box.notify(notice(str(number)))
            if number == 10:
                await asyncio.sleep(0.01)
        assert not await box.drain(0.01)
        sending.cancel()
        return len(box)

    assert asyncio.run(work()) == 100


def test_a_new_answer_ends_the_waiting_of_a_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "RETRY_S_MIN", 30.0)

    async def work(deliver: Callable[[Outgoing], Awaitable[None]]) -> bool:
        box = Outbox(deliver, 10, lambda line: None, lambda chat_id, count: "")
        sending = asyncio.ensure_future(box.run())
        box.notify(notice("a"))
        await asyncio.sleep(0.02)
        box.answer(notice("b"))
        done = await box.drain(2.0)
        sending.cancel()
        return done

    faults: list[Exception] = [RetryError("down")]

    async def deliver(outgoing: Outgoing) -> None:
        if faults:
            raise faults.pop()

    assert asyncio.run(work(deliver))
