"""What stands in a stream's entry: a topic, and a message as JSON, its times as digits in strings."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from nautilus_trader.core.data import Data
from nautilus_trader.model.data import DataType

from sagetrade_nautilus.data import SCORED, RawText, TextItem, TextSignal, bus_topic
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import MessagingError

PAYLOAD_BYTES_MAX: Final = 256 * 1024
RAW_TEXT_TOPIC: Final = bus_topic(DataType(RawText))
TEXT_ITEM_TOPIC: Final = bus_topic(DataType(TextItem))
SCORED_TOPIC: Final = bus_topic(SCORED)
TIMES: Final = ("ts_event", "ts_init")
TIME_MAX: Final = 2**63


class Message(msgspec.Struct, frozen=True):
    """One entry of a stream, and the id by which a repeat of it is known."""

    key: str
    topic: str
    payload: bytes

    @property
    def fields(self) -> dict[str, bytes]:
        """The entry as Redis holds it."""
        return {"topic": self.topic.encode(), "payload": self.payload}


class Keys(msgspec.Struct, frozen=True):
    """The names of everything that a namespace holds in Redis."""

    namespace: str

    @property
    def texts(self) -> str:
        """The stream of raw texts, from `sagetool ingest` to the nodes."""
        return f"{self.namespace}:texts"

    @property
    def items(self) -> str:
        """The stream of clean items, from the nodes to the scoring workers."""
        return f"{self.namespace}:items"

    @property
    def scores(self) -> str:
        """The stream of text signals, from the scoring workers to the nodes."""
        return f"{self.namespace}:scores"

    def dead(self, group: str) -> str:
        """The stream of what a group gave up on."""
        return f"{self.namespace}:dead:{group}"

    def seen(self, purpose: str, key: str) -> str:
        """What remembers that `key` has been dealt with."""
        return f"{self.namespace}:seen:{purpose}:{key}"


def content_id(text: RawText) -> str:
    """Return an id of what was published, whoever saw it and when: two ingest processes give it the same."""
    content = "\0".join((text.source, text.title, text.body, text.url, str(text.ts_event)))
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def pack(key: str, topic: str, data: Data) -> Message:
    """Return `data` as a message.

    Raises
    ------
    MessagingError
        It is larger than `PAYLOAD_BYTES_MAX`, or holds what is no text.
    """
    fields: dict[str, Any] = data.to_dict()
    fields.update({name: str(fields[name]) for name in TIMES})
    try:
        payload = msgspec.json.encode(fields)
    except UnicodeEncodeError:
        raise MessagingError(f"a {fields['type']} with half a character in it cannot be sent") from None
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise MessagingError(f"a {fields['type']} of {len(payload):,} bytes is too large to send")
    return Message(key, topic, payload)


def unpack[T: (RawText, TextItem, TextSignal)](fields: Mapping[bytes, bytes], kind: type[T]) -> T:
    """Return the message of type `kind` that an entry holds.

    Raises
    ------
    MessagingError
        The entry is anything else.
    """
    try:
        if len(fields[b"payload"]) > PAYLOAD_BYTES_MAX:
            raise MessagingError(f"a {kind.__name__} of more than {PAYLOAD_BYTES_MAX:,} bytes")
        values = msgspec.json.decode(fields[b"payload"], type=dict[str, Any])
        if values["type"] != kind.__name__:
            raise MessagingError(f"a {kind.__name__} was expected")
        values.update({name: _time(values[name]) for name in TIMES})
        _check_types(values, kind)
        return kind.from_dict(values)  # type: ignore[no-any-return]
    except (*UNDECODABLE, KeyError, TypeError) as error:
        raise MessagingError(f"an entry holds no {kind.__name__}: {type(error).__name__}") from None


def _time(digits: Any) -> int:
    time = int(digits)
    if not 0 <= time < TIME_MAX:
        raise ValueError(digits)
    return time


def _check_types(values: Mapping[str, Any], kind: type) -> None:
    for name, wanted in kind.__annotations__.items():
        given = values[name]
        if type(given) is not wanted and not (wanted is float and type(given) is int):
            raise TypeError(name)
