"""The folder of a node before its first start: a simulated node may trade at once, a live one waits for a person."""

import errno
from pathlib import Path

import pytest

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.files import LATCH
from sagetrade_nautilus.run.node.state import begin, begin_halted


def state(folder: Path) -> State:
    return Latch(folder / LATCH).read().state


def test_a_simulated_node_begins_with_a_switch_that_lets_trade(tmp_path: Path) -> None:
    begin(tmp_path)
    assert state(tmp_path) is State.RUNNING


def test_a_live_node_begins_halted_with_a_memory_that_is_not_lost(tmp_path: Path) -> None:
    begin_halted(tmp_path)
    assert state(tmp_path) is State.HALTED
    assert MemoryFile(memory.beside(tmp_path / LATCH)).load() is not None


def test_a_later_start_leaves_the_switch_as_it_is(tmp_path: Path) -> None:
    begin(tmp_path)
    begin_halted(tmp_path)
    assert state(tmp_path) is State.RUNNING


def test_a_switch_that_was_lost_is_not_made_anew(tmp_path: Path) -> None:
    begin(tmp_path)
    (tmp_path / LATCH).unlink()
    begin(tmp_path)
    begin_halted(tmp_path)
    assert not (tmp_path / LATCH).exists()
    assert state(tmp_path) is State.HALTED


def test_a_node_does_not_begin_where_no_switch_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*words: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable, "replace", full)
    with pytest.raises(KillSwitchError, match=r"no kill switch can be kept there.*No space left"):
        begin(tmp_path)
