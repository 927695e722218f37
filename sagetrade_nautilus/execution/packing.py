"""Nautilus's events, commands and instruments as bytes that show whether they are still what they were.

Nautilus ends the whole process, without an exception, over an id that is not ASCII or a word that it does not know. So
nothing reaches it that was damaged since: a checksum stands in front of each.
"""

from typing import Any, Final
from zlib import crc32

import msgspec
from nautilus_trader.serialization.serializer import MsgSpecSerializer

SUM_CHARS: Final = 8
_SERIALIZER: Final = MsgSpecSerializer(encoding=msgspec.json)


def pack(what: Any) -> bytes:
    """Return an event, a command or an instrument as text: its checksum, then JSON."""
    raw: bytes = _SERIALIZER.serialize(what)
    return _sum(raw) + raw


def unpack(packed: bytes) -> Any:
    """Return what was packed.

    Raises
    ------
    ValueError
        It was damaged since.
    """
    if not isinstance(packed, bytes) or packed[:SUM_CHARS] != _sum(packed[SUM_CHARS:]):
        raise ValueError("its checksum is another one")
    return _SERIALIZER.deserialize(packed[SUM_CHARS:])


def _sum(raw: bytes) -> bytes:
    return f"{crc32(raw):0{SUM_CHARS}x}".encode()
