"""Changes are made by those who may; stops at once, all else as shown and confirmed."""

import re
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.bot import (
    CHANGES,
    NOW,
    OWNER,
    TRADER,
    VIEWER,
    Bot,
    changed,
    code_in,
    halt,
    last,
    with_password,
)


@pytest.mark.parametrize("command", sorted(CHANGES))
def test_a_viewer_changes_nothing(bot: Bot, command: str) -> None:
    with_password(bot)
    assert "needs the role of" in bot.say(f"/{command}", VIEWER)
    assert "needs the role of" in last(bot.tap(f"r:{command}", VIEWER)).text
    assert changed(bot) == []
    assert [note.by for note in bot.notes] == [f"telegram:{VIEWER}"] * 2


@pytest.mark.parametrize("command", ["enable news", "approve exp-1"])
def test_a_trader_changes_nothing_that_an_owner_must(bot: Bot, command: str) -> None:
    with_password(bot)
    assert "needs the role of owner" in bot.say(f"/{command}", TRADER)
    assert changed(bot) == []


def test_a_trader_resumes_from_a_pause_and_an_owner_from_a_stop(bot: Bot) -> None:
    halt(bot)
    assert "only an owner" in bot.say("/resume", TRADER)
    bot.tap(f"c:{code_in(last(bot.hear('/resume', OWNER)))}")
    assert bot.state is State.RUNNING
    Latch(bot.folder / "latch.json").engage(State.NO_ENTRIES, "a test", "test", NOW)
    bot.tap(f"c:{code_in(last(bot.hear('/resume', TRADER)))}", TRADER)
    assert bot.state is State.RUNNING


# Stops


@pytest.mark.parametrize("user_id", [TRADER, OWNER])
@pytest.mark.parametrize("before", list(State))
def test_an_emergency_stop_halts_at_once_from_any_state_without_a_code(bot: Bot, user_id: int, before: State) -> None:
    if before is not State.RUNNING:
        Latch(bot.folder / "latch.json").engage(before, "a test", "test", NOW)
    said = bot.say("/emergency_stop", user_id)
    record = Latch(bot.folder / "latch.json").read()
    assert record.state is State.HALTED
    assert record.by == f"telegram:{user_id}"
    assert "Halted" in said or "halted already" in said
    assert re.search(r"Orders cancelled: 3, sent within \d+\.\d ms", said)
    assert "Still open, positions: 1, and no order protects them" in said


def test_an_emergency_stop_works_where_the_kill_switchs_file_is_damaged(bot: Bot) -> None:
    (bot.folder / "latch.json").write_bytes(b"nonsense")
    assert "halted" in bot.say("/emergency_stop").lower()
    assert Latch(bot.folder / "latch.json").read().by == f"telegram:{OWNER}"


def test_a_node_that_does_not_answer_is_owned_up_to(tmp_path: Path) -> None:
    bot = Bot(tmp_path, answers=False)
    assert "has not answered" in bot.say("/emergency_stop")
    assert bot.state is State.HALTED


def test_flatten_halts_and_asks_to_close_once_confirmed(bot: Bot) -> None:
    send = last(bot.hear("/flatten", TRADER))
    assert "orders to cancel: 0, positions to close at the market: 1" in send.text
    assert bot.state is State.RUNNING
    bot.change = lambda seen: msgspec.structs.replace(seen, positions=())
    bot.tap(f"c:{code_in(send)}", TRADER)
    record = Latch(bot.folder / "latch.json").read()
    assert (record.state, record.flatten) == (State.HALTED, True)
