"""What a venue was asked for, and when: only that tells a time without a trade from a bar that is yet to be fetched.

One file per bar type in the catalog's folder `asked`, one line a question. A line that was cut off counts for nothing:
its day is asked for again.
"""

from pathlib import Path
from typing import Final

import msgspec

from catalog.bartypes import BarSpec
from catalog.files import folder_name
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import DataError

FOLDER: Final = "asked"


class AskedDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A UTC day that a venue was asked for.

    Parameters
    ----------
    day_ns : int
        When the day begins, UNIX nanoseconds.
    at_ns : int
        When it was asked.
    bars : int
        How many bars of the day the catalog held then.
    """

    day_ns: int
    at_ns: int
    bars: int


def read_asked(root: Path, instrument_id: str, spec: BarSpec) -> dict[int, AskedDay]:
    """Return the last question about each day.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    path = _path(root, instrument_id, spec)
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    found = filter(None, map(_line, lines))
    return {asked.day_ns: asked for asked in found}


def note_asked(root: Path, instrument_id: str, spec: BarSpec, asked: AskedDay) -> None:
    """Write a question down.

    Raises
    ------
    DataError
        The disk is full or forbids writing.
    """
    path = _path(root, instrument_id, spec)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"\n" + msgspec.json.encode(asked))  # before it, as the line above may have been cut off
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None


def _path(root: Path, instrument_id: str, spec: BarSpec) -> Path:
    return root / FOLDER / f"{folder_name(spec.bar_type(instrument_id))}.jsonl"


def _line(line: bytes) -> AskedDay | None:
    try:
        return msgspec.json.decode(line, type=AskedDay)
    except UNDECODABLE:
        return None
