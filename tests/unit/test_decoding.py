"""One name for all that a decoder raises, so that no reader of bad bytes forgets one."""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.decoding import UNDECODABLE

DEEP = 100_000
DECODERS = (msgspec.json.decode, msgspec.toml.decode, msgspec.msgpack.decode, json.loads)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\xff",
        b"[" * DEEP,
        b"x = " + b"[" * DEEP,
        b'{"x":' + b"[" * DEEP,
        b"x = " + b"9" * 5_000,
        b"\x91" * DEEP,
    ],
)
def test_whatever_a_decoder_raises_for_bad_bytes_is_among_them(decode: Callable[[bytes], Any], raw: bytes) -> None:
    try:
        decode(raw)
    except UNDECODABLE:
        return
    assert decode in (msgspec.toml.decode, msgspec.msgpack.decode)  # nothing is a table, and any byte a number


def test_the_standard_library_s_toml_decoder_raises_them_too() -> None:
    with pytest.raises(UNDECODABLE):
        tomllib.loads("x = " + "[" * DEEP)
