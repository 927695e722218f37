"""What goes over the wire comes back as it was, and nothing else is let in."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messaging.wire import PAYLOAD_BYTES_MAX, RAW_TEXT_TOPIC, content_id, pack, unpack
from sagetrade_nautilus.data import RawText, TextItem
from sagetrade_nautilus.errors import MessagingError

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TIMES = st.integers(0, 2**63 - 1)


def raw(ts_event: int = 1, ts_init: int = 2, **changes: object) -> RawText:
    fields: dict[str, object] = {"source": "s", "title": "t", "body": "", "url": "", "first_seen_known": True}
    return RawText(ts_event, ts_init, **{**fields, **changes})


@given(WORDS, WORDS, WORDS, WORDS, st.booleans(), TIMES, TIMES)
def test_a_text_comes_back_as_it_was_sent(
    source: str, title: str, body: str, url: str, known: bool, ts_event: int, ts_init: int
) -> None:
    text = raw(ts_event, ts_init, source=source, title=title, body=body, url=url, first_seen_known=known)
    sent = pack("k", RAW_TEXT_TOPIC, text).fields
    assert unpack({b"payload": sent["payload"]}, RawText).to_dict() == text.to_dict()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(payload: bytes) -> None:
    with pytest.raises(MessagingError):
        unpack({b"payload": payload}, RawText)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "TextItem"},
        {"title": 7},
        {"title": None},
        {"first_seen_known": "yes"},
        {"ts_event": "soon"},
        {"extra": 1},
        {"source": ["a"]},
    ],
)
def test_a_message_with_a_wrong_field_is_refused(change: dict[str, object]) -> None:
    values = msgspec.json.decode(pack("k", RAW_TEXT_TOPIC, raw()).payload)
    with pytest.raises(MessagingError, match="RawText"):
        unpack({b"payload": msgspec.json.encode({**values, **change})}, RawText)


def test_a_message_without_a_field_or_payload_is_refused() -> None:
    values = msgspec.json.decode(pack("k", RAW_TEXT_TOPIC, raw()).payload)
    del values["body"]
    for fields in ({b"payload": msgspec.json.encode(values)}, {b"topic": b"x"}):
        with pytest.raises(MessagingError):
            unpack(fields, RawText)


def test_a_message_of_another_type_is_refused() -> None:
    with pytest.raises(MessagingError, match="TextItem"):
        unpack({b"payload": pack("k", RAW_TEXT_TOPIC, raw()).payload}, TextItem)


def test_a_text_that_is_too_large_or_broken_is_refused_before_it_is_sent() -> None:
    with pytest.raises(MessagingError, match="too large"):
        pack("k", RAW_TEXT_TOPIC, raw(body="x" * PAYLOAD_BYTES_MAX))
    with pytest.raises(MessagingError, match="half a character"):
        pack("k", RAW_TEXT_TOPIC, raw(title="\ud800"))


def test_the_id_is_of_what_was_published_and_not_of_when_it_was_seen() -> None:
    assert content_id(raw(1, 2)) == content_id(raw(1, 99))
    others = [raw(3, 2), raw(title="u"), raw(source="z"), raw(body="b"), raw(url="https://a"), raw(title="\ud800")]
    assert len({content_id(text) for text in [raw(1, 2), *others]}) == len(others) + 1


@pytest.mark.parametrize("time", ["-1", str(2**63), "9" * 5_000])
def test_a_time_that_no_clock_shows_is_refused(time: str) -> None:
    payload = pack("k", RAW_TEXT_TOPIC, raw()).payload.replace(b'"ts_init":"2"', f'"ts_init":"{time}"'.encode())
    with pytest.raises(MessagingError):
        unpack({b"payload": payload}, RawText)


def test_a_message_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(MessagingError):
        unpack({b"payload": b'{"x":' + b"[" * 99_999}, RawText)
