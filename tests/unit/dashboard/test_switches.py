"""Stopping from the page: at once, only ever tighter, told in full; and no way back."""

import os
import time
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.dashboard.switches import StopOrder, Switches
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat, beside
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.node.state import begin


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a node that may trade."""
    root = tmp_path / "state"
    (root / "paper").mkdir(parents=True, mode=0o700)
    begin(root / "paper")
    return root


def switches(root: Path, now_s: float = 0.0) -> Switches:
    return Switches(root, "dashboard:anna", lambda: now_s)


def order(**changes: object) -> StopOrder:
    return msgspec.structs.replace(StopOrder(place="paper", state="halted", flatten=False, reason="a drill"), **changes)


def test_a_stop_is_on_the_disk_when_it_returns(root: Path) -> None:
    change = switches(root).stop(order(flatten=True))
    assert change is not None
    assert (change.before, change.after, change.by, change.reason) == ("running", "halted", "dashboard:anna", "a drill")
    record = Latch(root / "paper/latch.json").read()
    assert (record.state, record.flatten) == (State.HALTED, True)


def test_a_weaker_stop_loosens_nothing(root: Path) -> None:
    found = switches(root)
    found.stop(order())
    change = found.stop(order(state="no_entries"))
    assert change is not None
    assert change.after == "halted"


@pytest.mark.parametrize("state", ["running", "RUNNING", "", "off", None, 1])
def test_no_order_lets_trade_go_on(state: object) -> None:
    raw = msgspec.json.encode({"place": "paper", "state": state, "flatten": False, "reason": ""})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(raw, type=StopOrder)


@pytest.mark.parametrize("place", ["../paper", "/etc", "", ".", "paper/latch.json", "other"])
def test_a_place_that_was_not_found_here_is_none(root: Path, place: str) -> None:
    assert switches(root).stop(order(place=place)) is None
    assert Latch(root / "paper/latch.json").read().state is State.RUNNING


def test_a_switch_says_who_why_and_how_to_go_on(root: Path) -> None:
    found = switches(root)
    found.stop(order(reason="<b>it's</b>"))
    (shown,) = found.all()
    assert (shown.state, shown.reason, shown.by, shown.is_fault) == ("halted", "<b>it's</b>", "dashboard:anna", False)
    assert shown.since == pytest.approx(time.time(), abs=60)
    assert shown.resume.startswith("sagetool resume --latch ")
    assert shown.breaker_is_sound


def test_a_folder_with_a_journal_and_no_switch_reads_as_halted(tmp_path: Path) -> None:
    (tmp_path / "state/live").mkdir(parents=True)
    (tmp_path / "state/live/decisions.jsonl").touch()
    (shown,) = switches(tmp_path / "state").all()
    assert (shown.state, shown.is_fault, shown.vital) == ("halted", True, "waiting")


def test_whether_the_node_has_heard_is_told_by_its_heartbeat(root: Path) -> None:
    latch, found = Latch(root / "paper/latch.json"), switches(root)
    heart = Heartbeat(beside(latch.path))
    heart.write(Beat(pid=7, count=1, state="running", sequence=latch.read().sequence))
    found.all()
    found.stop(order())
    assert not found.all()[0].has_heard
    heart.write(Beat(pid=7, count=2, state="halted", sequence=latch.read().sequence, cancelled=3, closing=1))
    (shown,) = found.all()
    assert (shown.has_heard, shown.vital, shown.pid, shown.cancelled, shown.closing) == (True, "alive", 7, 3, 1)


def test_when_a_node_last_wrote_is_the_newest_of_its_heartbeat_and_its_journal(root: Path) -> None:
    assert switches(root).all()[0].written == 0
    for name, moment in ((beside(root / "paper/latch.json"), 2_000), (root / "paper/decisions.jsonl", 1_000)):
        name.write_bytes(b"{}")
        os.utime(name, (moment, moment))
    assert switches(root).all()[0].written == 2_000


def test_a_heartbeat_that_stands_still_is_stale(root: Path) -> None:
    now = [0.0]
    found = Switches(root, "x", lambda: now[0])
    Heartbeat(beside(root / "paper/latch.json")).write(Beat(pid=7, count=1))
    assert found.all()[0].vital == "alive"
    now[0] = 60.0
    (shown,) = found.all()
    assert (shown.vital, shown.has_heard) == ("stale", False)


def test_no_folder_of_nodes_is_no_switch(tmp_path: Path) -> None:
    assert switches(tmp_path / "none").all() == []
