"""The chain: whatever is done to a journal's lines, the first bad one is named, and with what was done to it."""

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.chain import START, Fault, Head, link, verify

RECORDS = st.lists(st.dictionaries(st.sampled_from("abcd"), st.text(max_size=20), min_size=1), min_size=2, max_size=12)


def _chain(records: list[dict[str, str]]) -> tuple[list[bytes], Head]:
    lines: list[bytes] = []
    last = START
    for seq, record in enumerate(records):
        line, last = link(json.dumps(record).encode(), seq, last)
        lines.append(line)
    return lines, Head(len(lines) - 1, last)


def _ten() -> tuple[list[bytes], Head]:
    return _chain([{"type": "x", "n": str(number)} for number in range(10)])


@given(RECORDS)
def test_a_chain_that_nobody_touched_holds(records: list[dict[str, str]]) -> None:
    lines, head = _chain(records)
    for given_head in (None, head, Head.parse(str(head))):
        result = verify(lines, given_head)
        assert (result.fault, result.lines, result.head) == (None, len(records), head)
        assert result.detail == ""


def test_every_line_can_be_checked_without_this_code() -> None:
    lines, _ = _ten()
    before = "0" * 64
    for number, line in enumerate(lines):
        row = json.loads(line)
        assert (row["seq"], row["prev"]) == (number, before)
        before = row["hash"]
        unsealed = line.decode().rstrip("\n").replace(f',"hash":"{before}"', "")
        assert hashlib.sha256(unsealed.encode()).hexdigest() == before


@given(RECORDS, st.randoms(use_true_random=False))
def test_a_changed_byte_is_found_at_its_line(records: list[dict[str, str]], chance: random.Random) -> None:
    lines, _ = _chain(records)
    whole = bytearray(b"".join(lines))
    place = chance.randrange(len(whole))
    whole[place] ^= chance.randrange(1, 256)
    result = verify(_split(bytes(whole)))
    assert result.fault is not None or result.unfinished_bytes
    assert result.lines == bytes(b"".join(lines))[:place].count(b"\n")


def _split(whole: bytes) -> list[bytes]:
    """Return lines as iterating over a binary file gives them: ended by a line feed and by nothing else."""
    *ended, rest = whole.split(b"\n")
    return [line + b"\n" for line in ended] + ([rest] if rest else [])


@given(RECORDS, st.data())
def test_a_deleted_line_is_found(records: list[dict[str, str]], data: st.DataObject) -> None:
    lines, head = _chain(records)
    place = data.draw(st.integers(0, len(lines) - 2))
    result = verify(lines[:place] + lines[place + 1 :], data.draw(st.sampled_from([None, head])))
    assert (result.fault, result.lines) == (Fault.MISSING, place)


@given(RECORDS, st.data())
def test_two_lines_that_changed_places_are_found(records: list[dict[str, str]], data: st.DataObject) -> None:
    lines, _ = _chain(records)
    first = data.draw(st.integers(0, len(lines) - 2))
    second = data.draw(st.integers(first + 1, len(lines) - 1))
    lines[first], lines[second] = lines[second], lines[first]
    result = verify(lines)
    assert (result.fault, result.lines) == (Fault.REORDERED, first)


@given(RECORDS, st.data())
def test_a_line_that_is_put_in_is_found(records: list[dict[str, str]], data: st.DataObject) -> None:
    lines, _ = _chain(records)
    place = data.draw(st.integers(0, len(lines)))
    strange = data.draw(st.one_of(st.sampled_from(lines), st.binary(max_size=40).map(lambda raw: raw + b"\n")))
    result = verify(_split(b"".join([*lines[:place], strange, *lines[place:]])))
    assert result.fault is not None
    assert result.lines <= max(place, lines.index(strange) + 1 if strange in lines else place)


@given(RECORDS, st.data())
def test_a_cut_tail_is_found_with_a_head(records: list[dict[str, str]], data: st.DataObject) -> None:
    lines, head = _chain(records)
    kept = data.draw(st.integers(0, len(lines) - 1))
    result = verify(lines[:kept], head)
    assert (result.fault, result.lines) == (Fault.TRUNCATED, kept)


@given(RECORDS, st.data())
def test_a_chain_that_was_rebuilt_after_an_edit_is_found_with_a_head(
    records: list[dict[str, str]], data: st.DataObject
) -> None:
    _, head = _chain(records)
    place = data.draw(st.integers(0, len(records) - 1))
    forged, _ = _chain([{"forged": "x"} if number == place else record for number, record in enumerate(records)])
    result = verify(forged, head)
    assert (result.fault, result.lines) == (Fault.REBUILT, len(records) - 1)
    assert verify(forged).fault is None


@given(RECORDS, st.data())
def test_a_half_line_at_the_end_is_told_from_tampering(records: list[dict[str, str]], data: st.DataObject) -> None:
    lines, head = _chain(records)
    rest = lines[-1][: data.draw(st.integers(1, len(lines[-1]) - 1))]
    result = verify([*lines[:-1], rest])
    assert (result.fault, result.lines, result.unfinished_bytes) == (None, len(lines) - 1, len(rest))
    assert verify([*lines[:-1], rest], head).fault is Fault.TRUNCATED


def test_a_line_that_was_rewritten_with_its_hash_is_found_at_the_next() -> None:
    lines, _ = _ten()
    lines[4], _ = link(b'{"forged":1}', 4, json.loads(lines[4])["prev"])
    result = verify(lines)
    assert (result.fault, result.lines) == (Fault.REWRITTEN, 5)
    assert result.detail.startswith("line 6:")


def test_a_repeated_line_is_named_so() -> None:
    lines, _ = _ten()
    assert verify([*lines, lines[3]]).fault is Fault.REPEATED


def test_a_journal_may_have_grown_since_its_head_was_noted() -> None:
    lines, _ = _ten()
    noted = verify(lines[:6]).head
    assert noted is not None
    assert verify(lines, noted).fault is None


def test_an_empty_file_is_no_journal() -> None:
    assert verify([]).fault is Fault.TRUNCATED


@pytest.mark.parametrize("text", ["", "3", "3:", "-1:" + "0" * 64, "3:" + "g" * 64, "3:" + "0" * 63, "\x1b[2J"])
def test_what_is_no_head_is_said_to_be_none(text: str) -> None:
    with pytest.raises(JournalError, match="is no head"):
        Head.parse(text)
