"""Of all that stands in a stream, texts and scores come in, on the loop, and nothing else does."""

import asyncio
import threading
from typing import Any, NamedTuple

import msgspec
import pytest
from nautilus_trader.core.data import Data

from adapters.messaging.door import AT_ONCE, Door
from adapters.messaging.wire import PAYLOAD_BYTES_MAX, RAW_TEXT_TOPIC, SCORED_TOPIC, TEXT_ITEM_TOPIC, pack
from sagetrade_nautilus.data import RawText, TextSignal, bus_topic, text_signal_type
from sagetrade_nautilus.messages import CONTROL_TOPIC, MEMORY_TOPIC


class Entry(NamedTuple):
    """As Nautilus's `BusMessage`, which Python cannot make."""

    topic: str
    payload: bytes


RAW = RawText(1, 2, source="s", title="t", body="", url="", first_seen_known=True)
SCORE = TextSignal(
    1, 2, entity="BTC", sentiment=1e9, confidence=1.0, event="", impact_score=1.0, source="s", item_id="i", url=""
)  # fmt: skip


def payload(data: Any, **changes: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(pack("k", "t", data).payload), **changes})


def heard(*entries: Entry) -> tuple[list[tuple[str, Data, int]], int, list[str]]:
    """Return what a door lets in from a thread of its own, how many it refused, and what it told."""
    told: list[str] = []
    admitted: list[tuple[str, Data, int]] = []

    async def run() -> int:
        def admit(topic: str, data: Data) -> None:
            admitted.append((topic, data, threading.get_ident()))

        door = Door(asyncio.get_running_loop(), admit, told.append)
        thread = threading.Thread(target=lambda: [door(entry) for entry in entries])  # type: ignore[arg-type]
        thread.start()
        await asyncio.to_thread(thread.join)
        while len(admitted) + door.refused < len(entries):
            await asyncio.sleep(0)
        return door.refused

    return admitted, asyncio.run(run()), told


def test_texts_and_scores_on_their_own_topics_come_in_on_the_loop_in_their_order() -> None:
    admitted, refused, told = heard(Entry(RAW_TEXT_TOPIC, payload(RAW)), Entry(SCORED_TOPIC, payload(SCORE)))
    assert [(topic, type(data), thread) for topic, data, thread in admitted] == [
        (RAW_TEXT_TOPIC, RawText, threading.get_ident()),
        (SCORED_TOPIC, TextSignal, threading.get_ident()),
    ]
    assert (refused, told) == (0, [])


@pytest.mark.parametrize(
    "topic",
    [
        bus_topic(text_signal_type("BTC")),
        TEXT_ITEM_TOPIC,
        CONTROL_TOPIC,
        MEMORY_TOPIC,
        "SageTrade.wind_down",
        "commands.system.shutdown",
        "data.*",
        "events.order.*",
        "",
    ],
)
def test_no_message_comes_in_on_any_other_topic(topic: str) -> None:
    admitted, refused, told = heard(*(Entry(topic, payload(data)) for data in (RAW, SCORE)))
    assert (admitted, refused) == ([], 2)
    assert told[0] == "entries from Redis that were not let in: 1; the last: its topic is not one of ours"


@pytest.mark.parametrize(
    "body",
    [
        payload(SCORE),
        payload(RAW, type="ShutdownSystem"),
        payload(RAW, type="SubmitOrder"),
        payload(RAW, ts_init="-1"),
        payload(RAW, body="x" * PAYLOAD_BYTES_MAX),
        b"[" * 100_000,
        b"\xff",
        b"",
    ],
)
def test_on_the_topic_of_texts_nothing_but_a_text_comes_in(body: bytes) -> None:
    assert heard(Entry(RAW_TEXT_TOPIC, body))[:2] == ([], 1)


def test_a_flood_leaves_the_loop_time_for_its_other_work() -> None:
    turns: list[int] = []

    async def run() -> None:
        count = 0

        def admit(topic: str, data: Data) -> None:
            nonlocal count
            count += 1

        door = Door(asyncio.get_running_loop(), admit, lambda line: None)
        for _ in range(10 * AT_ONCE):
            door(Entry(RAW_TEXT_TOPIC, payload(RAW)))  # type: ignore[arg-type]
        while count < 10 * AT_ONCE:
            await asyncio.sleep(0)
            turns.append(count)

    asyncio.run(run())
    assert max(later - before for before, later in zip([0, *turns], turns, strict=False)) <= AT_ONCE
