"""The kill switch on a real `TradingNode` in a process of its own: what leaves, what is cancelled, what is closed."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.objects import Quantity

from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.journal.journal import check, read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State, StateChange
from tests.support.latch import confirmed, put
from tests.support.live import Node, build
from tests.support.recording_venue import BTC

PATHS = ("direct", "resting", "list", "bracket", "emulated", "algorithm", "exit", "MARKET_EXIT")
EXITING = ("before an exit", "MARKET_EXIT")
GRACE_NS = 50_000_000
WATCHED_S = 1.5


def engage(folder: Path, state: State = State.HALTED, *, flatten: bool = False) -> int:
    """Engage the latch of a running node, and return when that was done, on CLOCK_MONOTONIC."""
    Latch(folder / "latch.json").engage(state, "a drill", "test", time.time_ns(), flatten=flatten)
    return time.monotonic_ns()


def names(lines: list[dict[str, Any]], what: tuple[str, ...] = ("submit", "modify")) -> Counter[str]:
    return Counter(line["tags"][0] for line in lines if line["what"] in what)


def net_positions(lines: list[dict[str, Any]]) -> list[float]:
    """Return the position after each fill, from the venue's own count."""
    held, net = [], 0.0
    for line in lines:
        if line["what"] == "fill":
            net += float(line["quantity"]) * (1 if line["side"] == "BUY" else -1)
            held.append(round(net, 8))
    return held


def test_a_live_node_without_a_kill_switch_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(GuardError, match="a live node needs a kill switch"):
        build(tmp_path, latch=False)


def test_a_live_node_asks_the_switch_again_behind_its_queue(tmp_path: Path) -> None:
    put(tmp_path / "latch.json", State.HALTED)
    node = build(tmp_path)
    taken = vars(node.kernel.exec_engine)["_execute_command"]
    factory = OrderFactory(node.trader_id, StrategyId("X-1"), node.kernel.clock, node.cache)
    order = factory.market(BTC, OrderSide.BUY, Quantity(1, 5))
    taken(SubmitOrder(order.trader_id, order.strategy_id, order, UUID4(), 0))
    node.dispose()
    denials = [line for line in read(tmp_path / "decisions.jsonl") if isinstance(line, DenialRecord)]
    assert [line.reason for line in denials] == ["kill_switch: halted: r"]


@pytest.mark.slow
def test_no_order_leaves_after_a_stop_on_any_path(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    with Node(tmp_path, "paths") as node:
        node.wait(lambda: set(PATHS) <= set(names(node.log())) and _holds_again(node.log()))
        stopped_ns = engage(tmp_path)
        time.sleep(WATCHED_S)
        lines = node.log()
        node.stop()
    leaked = [line for line in lines if line["what"] in ("submit", "modify") and line["at"] > stopped_ns + GRACE_NS]
    assert leaked == []
    denials = Counter(
        line.tags[0]
        for line in read(tmp_path / "decisions.jsonl")
        if isinstance(line, DenialRecord) and line.reason == "kill_switch: halted: a drill"
    )
    assert set(PATHS) <= set(denials), denials  # each path was tried, and held


def _holds_again(lines: list[dict[str, Any]]) -> bool:
    """Whether the strategy that leaves the market at times has just come back into it."""
    own = [line["tags"][0] for line in lines if line["what"] == "submit" and line["tags"][0] in EXITING]
    return own[-2:] == ["before an exit"] * 2 and "MARKET_EXIT" in own[-8:]


@pytest.mark.slow
def test_everything_that_rests_is_cancelled_but_what_protects(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    with Node(tmp_path, "holding") as node:
        node.wait(lambda: names(node.log())["again"] > 3)
        engage(tmp_path)
        time.sleep(WATCHED_S)
        lines = node.log()
        beat = node.beat()
        node.stop()
    gone = {line["id"] for line in lines if line["what"] == "cancelled"}
    resting = {line["id"]: line["tags"] for line in lines if line["what"] == "submit" and line["kind"] != "MARKET"}
    assert {tags[0] for name, tags in resting.items() if name in gone} == {"resting", "counter"}
    assert {tags[1] for name, tags in resting.items() if name not in gone} == {"tp", "sl"}
    assert beat is not None
    assert (beat.state, beat.cancelled, beat.closing) == ("halted", 3, 0)  # the third lived in the emulator
    assert net_positions(lines)[-1] >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["holding", "racing"])
def test_flattening_closes_everything_and_only_ever_shrinks(tmp_path: Path, scenario: str) -> None:
    put(tmp_path / "latch.json")
    with Node(tmp_path, scenario) as node:
        node.wait(lambda: names(node.log())["again"] > 5)
        stopped_ns = engage(tmp_path, flatten=True)
        node.wait(lambda: net_positions(node.log())[-1] == 0.0 and _open_orders(node.log()) == set())
        time.sleep(WATCHED_S)
        lines = node.log()
        node.stop()
    assert min(net_positions(lines)) >= 0.0  # no flip
    assert net_positions(lines)[-1] == 0.0
    late = [line for line in lines if line["what"] == "submit" and line["at"] > stopped_ns + GRACE_NS]
    assert all(line["id"].startswith("F-") and line["reduces"] for line in late)
    closed = sum(float(line["quantity"]) for line in lines if line["what"] == "fill" and line["id"].startswith("F-"))
    asked = sum(float(line["quantity"]) for line in lines if line["what"] == "submit" and line["id"].startswith("F-"))
    assert asked == pytest.approx(closed)  # nothing was asked for that was not open


def _open_orders(lines: list[dict[str, Any]]) -> set[str]:
    left = {line["id"]: float(line["quantity"]) for line in lines if line["what"] == "submit"}
    for line in lines:
        if line["what"] == "fill":
            left[line["id"]] -= float(line["quantity"])
        elif line["what"] == "cancelled":
            left[line["id"]] = 0.0
    return {name for name, quantity in left.items() if quantity > 1e-9}


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["halted", "missing", "torn"])
def test_a_node_starts_locked_where_its_latch_does_not_say_that_it_may_run(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "latch.json"
    put(path, State.HALTED if harm == "halted" else State.RUNNING)
    if harm == "missing":
        path.unlink()
    elif harm == "torn":
        path.write_bytes(path.read_bytes()[:40])
    with Node(tmp_path, "flood") as node:
        node.wait(lambda: node.beat() is not None and node.beat().state == "halted")  # type: ignore[union-attr]
        time.sleep(WATCHED_S)
        node.stop()
    assert node.log() == []
    assert any(isinstance(line, DenialRecord) for line in read(tmp_path / "decisions.jsonl"))


@pytest.mark.slow
def test_a_node_that_starts_under_flatten_closes_what_it_finds_at_the_venue(tmp_path: Path) -> None:
    put(tmp_path / "latch.json", State.HALTED, flatten=True)
    with Node(tmp_path, "inherited") as node:
        node.wait(lambda: {"cancelled", "fill"} <= {line["what"] for line in node.log()})
        time.sleep(WATCHED_S)
        node.stop()
    sent = [(line["side"], line["quantity"], line["reduces"]) for line in node.log() if line["what"] == "submit"]
    assert sent == [("SELL", "0.50000", True)]
    assert [line["id"] for line in node.log() if line["what"] == "cancelled"] == ["OUTSIDE-1"]


@pytest.mark.slow
def test_a_release_lets_trading_go_on_and_every_change_is_in_the_journal(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    with Node(tmp_path, "flood") as node:
        node.wait(lambda: names(node.log())["flood"] > 10)
        engage(tmp_path, State.NO_ENTRIES)
        engage(tmp_path)
        time.sleep(0.5)
        held = names(node.log())["flood"]
        latch = Latch(tmp_path / "latch.json")
        now = time.time_ns()
        latch.release(confirmed(latch.read(), State.RUNNING, now), now)
        node.wait(lambda: names(node.log())["flood"] > held + 10)
        node.stop()
    changes = [line for line in read(tmp_path / "decisions.jsonl") if isinstance(line, StateChange)]
    assert changes[-2].after is State.HALTED
    assert (changes[-2].reason, changes[-2].by) == ("a drill", "test")
    assert (changes[-1].before, changes[-1].after) == (State.HALTED, State.RUNNING)
    assert check(tmp_path / "decisions.jsonl").fault is None
    beat = node.beat()
    assert beat is not None
    assert beat.stopped
