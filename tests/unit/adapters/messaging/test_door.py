"""Of all that stands in a stream, texts and scores come in, and nothing else does."""

from typing import Any

import msgspec
import pytest
from nautilus_trader.core.data import Data

from adapters.messaging.door import Door
from adapters.messaging.wire import PAYLOAD_BYTES_MAX, RAW_TEXT_TOPIC, SCORED_TOPIC, TEXT_ITEM_TOPIC, pack
from sagetrade_nautilus.data import RawText, TextSignal, bus_topic, text_signal_type
from sagetrade_nautilus.messages import CONTROL_TOPIC, MEMORY_TOPIC

RAW = RawText(1, 2, source="s", title="t", body="", url="", first_seen_known=True)
SCORE = TextSignal(
    1, 2, entity="BTC", sentiment=1e9, confidence=1.0, event="", impact_score=1.0, source="s", item_id="i", url=""
)  # fmt: skip


def payload(data: Any, **changes: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(pack("k", "t", data).payload), **changes})


def entry(topic: str, payload: bytes) -> dict[bytes, bytes]:
    return {b"topic": topic.encode(), b"payload": payload}


def heard(*entries: dict[bytes, bytes]) -> tuple[list[tuple[str, Data]], int, list[str]]:
    """Return what a door lets in, how many it refused, and what it told."""
    told: list[str] = []
    admitted: list[tuple[str, Data]] = []
    door = Door(lambda topic, data: admitted.append((topic, data)), told.append)
    for one in entries:
        door(one)
    return admitted, door.refused, told


def test_texts_and_scores_on_their_own_topics_come_in_in_their_order() -> None:
    admitted, refused, told = heard(entry(RAW_TEXT_TOPIC, payload(RAW)), entry(SCORED_TOPIC, payload(SCORE)))
    assert [(topic, type(data)) for topic, data in admitted] == [(RAW_TEXT_TOPIC, RawText), (SCORED_TOPIC, TextSignal)]
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
    admitted, refused, told = heard(*(entry(topic, payload(data)) for data in (RAW, SCORE)))
    assert (admitted, refused) == ([], 2)
    assert told[0] == "entries from Redis that were not let in: 1; the last: its topic is not one of ours"


@pytest.mark.parametrize("fields", [{}, {b"topic": b"\xff"}, {b"topic": RAW_TEXT_TOPIC.encode()}, {b"a": b"b"}])
def test_an_entry_without_a_topic_or_a_message_does_not_come_in(fields: dict[bytes, bytes]) -> None:
    assert heard(fields)[:2] == ([], 1)


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
    assert heard(entry(RAW_TEXT_TOPIC, body))[:2] == ([], 1)
