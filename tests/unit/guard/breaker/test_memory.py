"""The breaker's memory on the disk: it comes back as it was, or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.guard.breaker.breaker import Memory, Trip, released
from sagetrade_nautilus.guard.breaker.memory import MemoryFile, decode, encode
from sagetrade_nautilus.guard.switch.state import State

TRIP = Trip("max_daily_loss_pct", 3.5, 3.0, 1_800_000_000_000_000_000, State.REDUCE_ONLY, until_next_day=True)
MEMORY = Memory(19_000, 1000.0, 1010.0, 965.0, 1200.0, 4, (TRIP,))


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    MemoryFile(tmp_path / "breaker.json").save(MEMORY)
    assert MemoryFile(tmp_path / "breaker.json").load() == MEMORY


def test_a_memory_that_has_seen_a_release_comes_back_too(tmp_path: Path) -> None:
    MemoryFile(tmp_path / "breaker.json").save(free := released(MEMORY, MEMORY.trips))
    assert MemoryFile(tmp_path / "breaker.json").load() == free
    assert free.opening == 1000.0


def test_a_memory_without_a_release_is_written_as_it_was_before_releases_were_remembered() -> None:
    assert b"day_opened" not in encode(MEMORY)
    assert b"highest" not in encode(MEMORY)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 1000), st.text(max_size=20))
def test_every_memory_comes_back(equity: float, losses: int, rule: str) -> None:
    memory = Memory(1, equity, equity, equity, None, losses, (Trip(rule, equity, 1.0, 5, State.HALTED, False, 7),))
    assert decode(encode(memory)) == memory


def test_any_byte_that_differs_is_no_memory() -> None:
    raw = encode(MEMORY)
    for place in range(len(raw)):
        for other in (raw[place] ^ 1, raw[place] ^ 0x80):
            assert decode(raw[:place] + bytes([other]) + raw[place + 1 :]) is None
        assert decode(raw[:place]) is None


@pytest.mark.parametrize("harm", ["missing", "folder", "writable"])
def test_a_file_that_cannot_be_trusted_is_no_memory(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "breaker.json"
    MemoryFile(path).save(MEMORY)
    if harm == "writable":
        path.chmod(0o666)
    else:
        path.unlink()
    if harm == "folder":
        path.mkdir()
    assert MemoryFile(path).load() is None
