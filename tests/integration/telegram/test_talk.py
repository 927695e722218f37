"""People talk to the bot of a real node, at a Bot API of the tests' own, side by side while the node trades."""

import re
import time
from pathlib import Path

import pytest

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.replay import replay
from tests.support.telegram_node import OWNER, TRADER, VIEWER, Talk, orders, state, with_bot
from tests.support.telegram_server import TelegramServer


@pytest.mark.slow
def test_several_people_talk_to_it_side_by_side_while_it_trades(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def viewer() -> None:
        for command in ("/status", "/open_positions", "/risk", "/signal BTC", "/daily", "/health"):
            assert server.ask(VIEWER, command).text
        assert "needs the role" in server.ask(VIEWER, "/pause").text

    def trader() -> None:
        assert "r:settings language ar" in server.ask(TRADER, "/settings").taps
        before = len(server.sent(TRADER))
        server.tap(TRADER, "r:settings language ar")
        assert "بالعربية" in server.wait(TRADER, before + 1).text
        for command in ("/status", "/portfolio", "/trades", "/strategies", "/why"):
            assert re.search("[\u0600-\u06ff]", server.ask(TRADER, command).text)

    def owner() -> None:
        for _ in range(2):
            for command, after in (("/pause", State.NO_ENTRIES), ("/resume", State.RUNNING)):
                asked = server.ask(OWNER, command)
                before = len(server.sent(OWNER))
                server.tap(OWNER, asked.taps[0])
                server.wait(OWNER, before + 2)
                assert state(tmp_path) is after

    played = Talk(tmp_path, with_bot(crash, server)).run(server, viewer, trader, owner, speed=1_200.0)
    assert played.summary is not None
    menus = [call for call in server.calls if call.method == "setMyCommands"]
    assert len(menus) >= 3
    by = {line.by for line in read(tmp_path / JOURNAL) if isinstance(line, StateChange)}
    assert by == {f"telegram:{OWNER}"}


def test_between_pause_and_resume_no_entry_leaves_and_positions_are_managed(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    talk = Talk(tmp_path, with_bot(crash, server, auto_approve=["pause"]), closed=1)
    played = talk.run(server, lambda: server.ask(TRADER, "/pause"))
    assert played.summary is not None
    records = list(read(tmp_path / JOURNAL))
    at = next(place for place, line in enumerate(records) if isinstance(line, StateChange))
    late = [line for line in records[at:] if isinstance(line, OrderRecord) and line.event == "submitted"]
    assert [line for line in late if "entry" in line.tags] == []
    assert any(
        line.event == "filled" and "entry" not in line.tags for line in records[at:] if isinstance(line, OrderRecord)
    )


def test_an_emergency_stop_halts_a_node_that_is_busy_and_says_how_fast(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    said: list[str] = []
    talk = Talk(tmp_path, with_bot(crash, server), closed=2)
    talk.run(server, lambda: said.append(server.ask(TRADER, "/emergency_stop").text))
    assert re.search(r"Halted.*after \d+\.\d ms", said[0])
    assert re.search(r"Orders cancelled: \d+, sent within \d+\.\d ms", said[0])
    records = list(read(tmp_path / JOURNAL))
    at = next(place for place, line in enumerate(records) if isinstance(line, StateChange))
    assert (records[at].by, records[at].after) == (f"telegram:{TRADER}", State.HALTED)  # type: ignore[union-attr]
    assert not [line for line in records[at:] if isinstance(line, OrderRecord) and line.event == "submitted"]


@pytest.mark.slow
def test_flatten_closes_what_is_open(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    said: list[str] = []
    talk = Talk(tmp_path, with_bot(crash, server, auto_approve=["flatten"]), closed=2)

    def trader() -> None:
        server.write(TRADER, "/flatten")
        server.until(lambda: state(tmp_path) is State.HALTED)
        talk.play("1200")  # so that the venue can answer, and the day is not over before it did
        said.append(server.wait(TRADER, 1).text)

    played = talk.run(server, trader)
    assert played.summary is not None
    assert played.summary.open_pnl == 0.0
    assert re.search(r"Positions closed: [1-9], within \d+\.\d s\. Nothing is open", said[0])


@pytest.mark.slow
def test_a_trade_is_explained_from_the_journal_by_a_tap(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    said: list[str] = []

    def viewer() -> None:
        trades = server.ask(VIEWER, "/trades 2")
        tap = next(tap for tap in trades.taps if tap.startswith("r:explain"))
        server.tap(VIEWER, tap)
        said.append(server.wait(VIEWER, 2).text)
        said.append(server.ask(VIEWER, "/performance").text)

    Talk(tmp_path, with_bot(crash, server), closed=3).run(server, viewer)
    assert "What it is made of" in said[0]
    assert "Trades: <b>3</b>" in said[1] or "Trades: <b>4</b>" in said[1]


@pytest.mark.slow
def test_a_bot_changes_nothing_of_what_the_node_does(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    plain, spoken = tmp_path / "plain", tmp_path / "spoken"
    replay(crash, plain)

    def viewer() -> None:
        for _ in range(5):
            server.ask(VIEWER, "/status")

    Talk(spoken, with_bot(crash, server), closed=1).run(server, viewer)
    assert orders(plain) == orders(spoken)


def test_it_is_not_starved_by_a_replay_that_never_waits(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    answered: list[float] = []
    done: list[bool] = []

    def viewer() -> None:
        while not done and len(answered) < 5:
            began = time.monotonic()
            server.ask(VIEWER, "/version")
            answered.append(time.monotonic() - began)

    Talk(tmp_path, with_bot(crash, server)).run(server, viewer)
    assert len(answered) == 5
    assert max(answered) < 2.0
