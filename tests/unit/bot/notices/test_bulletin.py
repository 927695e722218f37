"""The bulletin on an event loop: it ticks by itself, draws beside the loop, and outlives whatever fails in it."""

import asyncio
import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from sagetrade_nautilus.bot.advisor.recall import Recall
from sagetrade_nautilus.bot.notices import bulletin
from sagetrade_nautilus.bot.notices.board import NoticeBoard
from sagetrade_nautilus.bot.notices.bulletin import Bulletin
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.notices.summary import Summaries
from sagetrade_nautilus.bot.pictures import charts
from sagetrade_nautilus.bot.pictures.charts import Charts
from sagetrade_nautilus.bot.pictures.track import STEP_NS, EquityTrack
from sagetrade_nautilus.bot.words.periods import Period
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState
from sagetrade_nautilus.overview import Overview
from tests.support.bot_node import NOW, RULES, guard, overview, recall
from tests.support.proposal import proposed, small_repository

ANNA = Hearer(user_id=7, language="en", daily=None)


class Node:
    """A bus with a bulletin on it, whose overview and time the test sets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "experiments"
        self.bus = MessageBus(TraderId("T-1"), TestClock())
        self.now = NOW
        self.view: Overview | Exception = overview()
        self.sent: list[tuple[int, Message, str]] = []
        self.errors: list[str] = []
        self.track = EquityTrack()
        cache = TestComponentStubs.cache()
        self.summaries = Summaries(RULES, recall(), Charts(cache, self.track), self.look, self.send)
        board = NoticeBoard(self.send, lambda: [ANNA], self.summaries.send)
        self.bulletin = Bulletin(
            self.bus,
            cache,
            self.look,
            board,
            Recall(),
            self.track,
            self.errors.append,
            lambda: ExperimentBook(self.folder).list(),
            lambda: self.now,
        )

    def look(self) -> Overview:
        if isinstance(self.view, Exception):
            raise self.view
        return self.view

    def send(self, user_id: int, message: Message) -> None:
        self.sent.append((user_id, message, threading.current_thread().name))


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Node:
    monkeypatch.setattr(bulletin, "TICK_S", 0.01)
    monkeypatch.setattr(bulletin, "EXPERIMENTS_S", 0.02)
    return Node(tmp_path)


def test_it_ticks_by_itself_and_tells_what_it_sees(node: Node) -> None:
    async def play() -> None:
        node.bulletin.start()
        await until(lambda: node.track.since(0)[0].size)
        node.view = overview(guard=guard(reduce_only=("ETHUSDT.BINANCE",)))
        await until(lambda: node.sent)
        node.bulletin.stop()

    asyncio.run(play())
    assert "no strategy manages" in node.sent[0][1].text
    assert node.sent[0][1].critical


def test_a_stop_is_told_within_the_event_and_looked_at_with_the_next_tick(node: Node) -> None:
    looks: list[int] = []

    async def play() -> None:
        node.bulletin.start()
        await until(lambda: node.track.since(0)[0].size)
        node.bulletin._look = lambda: looks.append(1) or overview(guard=guard(state="halted"))  # type: ignore[func-returns-value]
        node.bus.publish(TRADING_STATE_TOPIC, TradingState("halted", True, "kill_switch: halted: enough"))
        assert len(node.sent) == 1
        assert looks == []  # the guard is amid its answer
        await until(lambda: looks)
        node.bulletin.stop()

    asyncio.run(play())
    assert node.sent[0][1].text.startswith("🛑 Trading is halted")
    assert len(node.sent) == 1


def test_a_look_that_fails_is_told_in_the_log_and_tried_again(node: Node) -> None:
    async def play() -> None:
        node.view = RuntimeError("the guard does not answer")
        node.bulletin.start()
        await until(lambda: len(node.errors) > 2)
        node.view = overview(guard=guard(reduce_only=("ETHUSDT.BINANCE",)))
        await until(lambda: node.sent)
        node.bulletin.stop()

    asyncio.run(play())
    assert "the guard does not answer" in node.errors[0]


def test_an_experiment_that_is_recommended_while_the_node_runs_is_told(node: Node) -> None:
    root = small_repository(node.folder.parent / "made")
    proposed(root, {"configs/other.toml": "one = 1\n"})

    async def play() -> None:
        node.bulletin.start()
        await until(lambda: node.bulletin._watch._experiments is not None)
        (root / "experiments").rename(node.folder)
        await until(lambda: node.sent)
        node.bulletin.stop()

    asyncio.run(play())
    assert node.sent[0][1].text.startswith("🧪 Experiment exp-20261126-001 (deep dips): recommended. Sharpe ratio 0.80")
    assert node.errors == []


def test_after_a_stop_nothing_ticks(node: Node) -> None:
    async def play() -> None:
        node.bulletin.start()
        node.bulletin.stop()
        await asyncio.sleep(0.1)

    asyncio.run(play())
    assert node.track.since(0)[0].size == 0


def test_a_summary_s_picture_is_drawn_on_a_thread_and_sent_from_the_loop(node: Node, monkeypatch: Any) -> None:
    threads: list[str] = []

    def draw(*series: Any) -> bytes:
        threads.append(threading.current_thread().name)
        return b"\x89PNG"

    monkeypatch.setattr(charts, "equity_picture", draw)
    for number in range(5):
        node.track.see(NOW - 5 * STEP_NS + number * STEP_NS, 100_000.0 + number)

    async def play() -> None:
        node.summaries.send(ANNA, Period.WEEK)
        assert node.sent == []
        await until(lambda: node.sent)

    asyncio.run(play())
    user_id, message, thread = node.sent[0]
    assert (user_id, message.picture) == (7, b"\x89PNG")
    assert "Change of equity since 2026-03-05 11:35: +4.00 USDT (0.00%)" in message.text
    assert thread == threading.main_thread().name
    assert threads != [thread]


@pytest.mark.parametrize(
    ("behind", "says"), [(24, "Change of equity in this time: "), (23, "Change of equity since 2026-03-04 13:00: ")]
)
def test_a_change_of_equity_is_of_the_whole_day_only_where_the_process_has_seen_the_whole_day(
    node: Node, behind: int, says: str
) -> None:
    node.track.see(NOW - behind * 12 * STEP_NS, 100_000.0)
    node.track.see(NOW, 100_004.0)
    assert f"{says}+4.00 USDT (0.00%)" in node.summaries.write(ANNA, Period.DAY, overview()).text


def test_a_summary_that_cannot_be_drawn_is_sent_in_words(node: Node, monkeypatch: Any) -> None:
    def draw(*series: Any) -> bytes:
        raise MemoryError

    monkeypatch.setattr(charts, "equity_picture", draw)
    node.track.see(NOW - STEP_NS, 1.0)
    node.track.see(NOW, 2.0)

    async def play() -> None:
        escaped: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: escaped.append(context))
        node.summaries.send(ANNA, Period.DAY)
        await until(lambda: node.sent)
        await asyncio.sleep(0.01)
        gc.collect()
        assert escaped == []  # it would end a node

    asyncio.run(play())
    assert node.sent[0][1].picture is None
    assert "The last day" in node.sent[0][1].text
