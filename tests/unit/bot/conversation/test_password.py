"""What changes the risk needs the password as well, which is deleted and never echoed."""

import pytest

from sagetrade_nautilus import durable
from sagetrade_nautilus.bot.telegram.wire import Delete
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import StrategySwitch
from tests.support.bot import OWNER, PASSWORD, SECOND, Bot, changed, code_in, halt, last, with_password
from tests.support.latch import FaultyOs, full_disk

WRONG = "ZZZZ-ZZZZ"


def give(bot: Bot, command: str, password: str) -> list[object]:
    bot.tap(f"c:{code_in(last(bot.hear(command)))}")
    return list(bot.hear(password))


def test_what_changes_the_risk_needs_the_password_whose_message_is_deleted(bot: Bot) -> None:
    with_password(bot)
    send = last(bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}"))
    assert "password" in send.text
    assert changed(bot) == []
    sent = bot.hear(PASSWORD)
    assert isinstance(sent[0], Delete)
    assert changed(bot) == [StrategySwitch("news", True, f"telegram:{OWNER}")]
    assert PASSWORD not in repr(sent) + repr(bot.heard)


def test_a_wrong_password_is_deleted_too_counted_and_never_echoed(bot: Bot) -> None:
    with_password(bot)
    sent = give(bot, "/enable news", "not the password")
    assert isinstance(sent[0], Delete)
    assert "Wrong code or password" in last(sent).text  # type: ignore[arg-type]
    assert "not the password" not in repr(sent) + repr(bot.heard)
    assert changed(bot) == []


def test_a_wrong_code_fails_though_the_password_is_right(bot: Bot) -> None:
    with_password(bot)
    bot.hear("/enable news")
    bot.tap(f"c:{WRONG}")
    assert "Wrong code or password" in bot.say(PASSWORD)
    assert changed(bot) == []


@pytest.mark.parametrize("words", ["/not a command", "ABCD-EFGH", " "])
def test_whatever_follows_the_question_is_taken_for_the_password_and_deleted(bot: Bot, words: str) -> None:
    with_password(bot)
    assert isinstance(give(bot, "/enable news", words)[0], Delete)


def test_a_password_that_comes_too_late_is_deleted_and_not_taken_for_a_question(bot: Bot) -> None:
    with_password(bot)
    bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}")
    bot.now_ns += 300 * SECOND
    sent = bot.hear(PASSWORD)
    assert isinstance(sent[0], Delete)
    assert "expired" in last(sent).text
    assert changed(bot) == []


def test_after_a_wrong_password_the_next_words_are_one_too(bot: Bot) -> None:
    with_password(bot)
    give(bot, "/enable news", "not the password")
    assert isinstance(bot.hear(PASSWORD)[0], Delete)
    assert changed(bot) == [StrategySwitch("news", True, f"telegram:{OWNER}")]
    assert "letters" in bot.say("should I sell?")


def test_after_a_wrong_code_the_right_one_can_be_typed_and_then_the_password(bot: Bot) -> None:
    with_password(bot)
    code = code_in(last(bot.hear("/enable news")))
    for words in (WRONG, PASSWORD, code, PASSWORD):
        bot.hear(words)
    assert changed(bot) == [StrategySwitch("news", True, f"telegram:{OWNER}")]


def test_a_password_that_is_typed_after_a_restart_is_deleted_too_and_opens_nothing(bot: Bot) -> None:
    with_password(bot)
    bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}")
    bot.store.write(bot.store.snapshot(()))
    again = Bot(bot.folder)
    sent = again.hear(PASSWORD)
    assert isinstance(sent[0], Delete)
    assert "nothing to confirm" in last(sent).text
    assert changed(again) == []
    assert "letters" in again.say("should I sell?")


def test_without_a_password_nothing_that_changes_the_risk_can_be_done(bot: Bot) -> None:
    assert "sagetool password" in bot.say("/enable news")
    assert changed(bot) == []


def test_a_resume_asks_for_the_password_where_one_is_set(bot: Bot) -> None:
    with_password(bot)
    halt(bot)
    give(bot, "/resume", "not the password")
    assert bot.state is State.HALTED
    give(bot, "/resume", PASSWORD)
    assert bot.state is State.RUNNING
    assert Latch(bot.folder / "latch.json").read().by == f"telegram:{OWNER}"


def test_a_stop_is_heard_while_a_password_is_awaited(bot: Bot) -> None:
    with_password(bot)
    bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}")
    bot.say("/emergency_stop")
    assert bot.state is State.HALTED


def test_a_damaged_kill_switch_is_not_released_from_afar(bot: Bot) -> None:
    (bot.folder / "latch.json").write_bytes(b"nonsense")
    assert "sagetool resume" in bot.say("/resume")
    assert bot.state is State.HALTED


def test_a_full_disk_does_nothing_and_says_so(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    halt(bot)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", FaultyOs(full_disk))
        assert "disk refuses" in bot.say("/resume")
    assert bot.state is State.HALTED
