"""Languages, settings and menus are each person's own; who is not heard is told only where it helps."""

import pytest

from sagetrade_nautilus.bot.authority import Refusal
from sagetrade_nautilus.bot.commands import COMMANDS
from sagetrade_nautilus.bot.telegram.wire import Incoming, Menu
from sagetrade_nautilus.messages import Note
from tests.support.bot import (
    OWNER,
    REPORTS,
    TRADER,
    USERS,
    VIEWER,
    Bot,
    last,
)


def test_each_person_is_spoken_to_in_the_language_that_they_chose_over_a_restart(bot: Bot) -> None:
    sent = bot.tap("r:settings language ar", VIEWER)
    assert "بالعربية" in last(sent).text
    menus = [what for what in sent if isinstance(what, Menu)]
    assert dict(menus[0].commands)["status"].startswith("ما الذي")
    assert "Trading" in bot.say("/status", OWNER)
    assert "التداول" in bot.say("/status", VIEWER)
    bot.store.write(bot.store.snapshot(()))
    again = Bot(bot.folder)
    assert "التداول" in again.say("/status", VIEWER)
    assert Note(f"settings:{VIEWER}", "language ar", f"telegram:{VIEWER}") in bot.notes


def test_a_choice_is_checked_kept_and_shown(bot: Bot) -> None:
    assert "Time zone (zone): <b>UTC</b>" in bot.say("/settings", VIEWER)
    assert "Write it as Asia/Riyadh" in bot.say("/settings zone nowhere", VIEWER)
    assert "Time zone (zone): <b>Asia/Riyadh</b>" in bot.say("/settings zone Asia/Riyadh", VIEWER)
    assert bot.store.settings(VIEWER).choices == {"zone": "Asia/Riyadh"}
    assert "<b>UTC</b>" in bot.say("/settings", OWNER)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("daily ٠٨:٣٠", {"daily": "08:30"}),
        ("quiet ۲۲:۰۰–۰۷:۰۰", {"quiet": "22:00-07:00"}),
        ("weekly Mon ٠٨:٠٠", {"weekly": "mon 08:00"}),
        ("notices Opened، closed", {"notices": "opened, closed"}),
        ("notices OFF", {"notices": "off"}),
    ],
)
def test_a_choice_is_read_as_any_keyboard_writes_it(bot: Bot, said: str, kept: dict[str, str]) -> None:
    bot.say(f"/settings {said}", VIEWER)
    assert bot.store.settings(VIEWER).choices == kept


def test_a_language_that_is_not_spoken_is_said_to_be_none(bot: Bot) -> None:
    assert "Write en or ar" in bot.say("/settings language fr", VIEWER)
    assert bot.store.settings(VIEWER).language is None


def test_a_setting_that_is_none_is_named_with_those_that_are(bot: Bot) -> None:
    said = bot.say("/settings tz Asia/Riyadh")
    assert "no setting \u2068tz\u2069" in said
    assert "zone, notices, quiet, daily, weekly, language" in said
    assert bot.store.settings(OWNER).choices == {}


def test_a_menu_holds_what_its_person_may_do(bot: Bot) -> None:
    def names(user_id: int) -> set[str]:
        return {name for name, _ in bot.conversation.menu(user_id, USERS[user_id]).commands}

    assert names(VIEWER) == set(REPORTS)
    assert names(TRADER) == set(COMMANDS) - {"enable", "approve"}
    assert names(OWNER) == set(COMMANDS)


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Refusal.OLD, 1),
        (Refusal.FLOOD, 1),
        (Refusal.FORWARDED, 1),
        (Refusal.EDITED, 1),
        (Refusal.REPLAYED, 0),
        (Refusal.STRANGER, 0),
        (Refusal.GROUP, 0),
    ],
)
def test_who_is_not_heard_is_told_only_where_it_helps(bot: Bot, refusal: Refusal, told: int) -> None:
    incoming = Incoming(update_id=1, user_id=OWNER, chat_id=OWNER, message_id=1)
    assert len(bot.conversation.refused(incoming, refusal)) == told
