"""A change is made by the code of what was shown: once, by its own person, in time."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.bot.telegram.wire import Edit, TapHeard
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.bot import NOW, OWNER, SECOND, TRADER, Bot, changed, code_in, halt, last

WRONG = "ZZZZ-ZZZZ"


def test_a_pause_is_shown_confirmed_and_done(bot: Bot) -> None:
    send = last(bot.hear("/pause", TRADER))
    assert "nothing opens" in send.text
    assert bot.state is State.RUNNING
    sent = bot.tap(f"c:{code_in(send)}", TRADER)
    assert isinstance(sent[0], TapHeard)
    assert isinstance(sent[1], Edit)
    assert code_in(send) not in sent[1].text
    assert bot.state is State.NO_ENTRIES
    assert [note.state.split(":")[0] for note in bot.notes] == ["asked", "confirmed"]


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "bare"])
def test_a_code_may_be_typed(bot: Bot, typed: str) -> None:
    code = code_in(last(bot.hear("/pause")))
    bot.say({"lower": code.lower(), "bare": code.replace("-", "")}.get(typed, typed.format(code)))
    assert bot.state is State.NO_ENTRIES


def test_a_code_is_good_once(bot: Bot) -> None:
    code = code_in(last(bot.hear("/disable momentum")))
    bot.tap(f"c:{code}")
    assert "nothing to confirm" in last(bot.tap(f"c:{code}")).text
    assert len(changed(bot)) == 1


def test_a_code_is_good_for_its_own_person(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause", OWNER)))
    assert "nothing to confirm" in last(bot.tap(f"c:{code}", TRADER)).text
    bot.hear("/pause", TRADER)
    assert "Wrong code" in last(bot.tap(f"c:{code}", TRADER)).text
    assert changed(bot) == []


def test_a_newer_question_voids_the_older_code(bot: Bot) -> None:
    older = code_in(last(bot.hear("/pause")))
    bot.hear("/disable momentum")
    assert "Wrong code" in last(bot.tap(f"c:{older}")).text
    assert changed(bot) == []


def test_a_code_does_not_outlive_its_time_nor_a_restart(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause")))
    bot.now_ns += 121 * SECOND
    assert "expired" in last(bot.tap(f"c:{code}")).text
    code = code_in(last(bot.hear("/pause")))
    again = Bot(bot.folder)
    again.now_ns = bot.now_ns
    assert "nothing to confirm" in last(again.tap(f"c:{code}")).text
    assert changed(again) == []


def test_what_has_changed_since_it_was_shown_is_not_done(bot: Bot) -> None:
    halt(bot)
    code = code_in(last(bot.hear("/resume")))
    Latch(bot.folder / "latch.json").engage(State.HALTED, "another reason", "test", NOW)
    assert "not how things stand" in last(bot.tap(f"c:{code}")).text
    assert bot.state is State.HALTED


def test_a_cancelled_question_is_void(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause")))
    assert "Given up" in last(bot.tap("x:")).text
    assert "nothing to confirm" in last(bot.tap(f"c:{code}")).text
    assert changed(bot) == []


def test_wrong_codes_lock_for_longer_and_longer_over_a_restart_and_keep_no_stop_waiting(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause")))
    for _ in range(3):
        assert "Wrong code" in last(bot.tap(f"c:{WRONG}")).text
    assert "Too many wrong answers" in last(bot.tap(f"c:{code}")).text
    again = Bot(bot.folder)
    assert "Too many wrong answers" in again.say("/disable momentum")
    assert changed(again) == []
    again.say("/emergency_stop")
    assert again.state is State.HALTED


def test_one_persons_lock_holds_up_nobody_else(bot: Bot) -> None:
    bot.hear("/pause", TRADER)
    for _ in range(4):
        bot.tap(f"c:{WRONG}", TRADER)
    bot.tap(f"c:{code_in(last(bot.hear('/pause', OWNER)))}", OWNER)
    assert bot.state is State.NO_ENTRIES


def test_plain_words_are_no_code_while_one_is_awaited(bot: Bot) -> None:
    bot.hear("/pause")
    for words in ("should I sell", "sell btc", "ok", "show risk"):
        assert "letters" in bot.say(words)


@pytest.mark.parametrize("tap", ["", "c:", "c:\udc80", "z:9", "r:", "r:nonsense", "c:" + "9" * 60, "p:1:1"])
def test_a_button_that_nobody_made_changes_nothing(bot: Bot, tap: str) -> None:
    bot.hear("/pause")
    bot.hear(user_id=OWNER, tap=tap or "?", tap_id="1", sent_s=None)
    assert changed(bot) == []


@pytest.mark.parametrize("name", ["pause", "disable momentum", "flatten"])
def test_what_only_tightens_can_be_approved_by_the_configuration(tmp_path: Path, name: str) -> None:
    bot = Bot(tmp_path, auto_approve=[name.split(maxsplit=1)[0]])
    bot.change = lambda seen: msgspec.structs.replace(seen, positions=())
    bot.say(f"/{name}")
    assert changed(bot) != []
    assert "approved by the configuration" in bot.notes[0].state


def test_what_allows_more_cannot_be_approved_by_the_configuration(tmp_path: Path) -> None:
    bot = Bot(tmp_path, auto_approve=["pause"])
    for name in ("resume", "enable", "approve", "emergency_stop"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"auto_approve": [name]}, type(bot.config))
