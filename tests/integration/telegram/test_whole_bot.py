"""The whole bot in a real node: it tells of trades, answers questions in plain words, draws, and shows experiments."""

import re
from pathlib import Path

import pytest

from sagetrade_nautilus.bot.words.say import EITHER, END
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.replay import replay
from tests.support.telegram_node import OWNER, TRADER, Talk, with_bot
from tests.support.telegram_server import TelegramServer

pytestmark = pytest.mark.slow


def said(server: TelegramServer, user_id: int) -> str:
    """Return all that a person was sent, without the marks of direction."""
    text = "\n".join(message.text for message in server.sent(user_id))
    return text.translate(dict.fromkeys(map(ord, (EITHER, END))))


def test_trades_are_told_and_questions_are_answered_in_both_languages(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def owner() -> None:
        server.ask(OWNER, "should I buy BTC now?")
        server.until(lambda: "not advice" in said(server, OWNER))
        server.until(lambda: "BTCUSDT" in said(server, OWNER) or "ETHUSDT" in said(server, OWNER))

    def trader() -> None:
        server.ask(TRADER, "هل أدخل صفقة BTC الآن؟")
        server.until(lambda: "نصيحة" in said(server, TRADER))

    played = Talk(tmp_path, with_bot(crash, server), closed=1, notices=True).run(server, owner, trader)
    assert played.summary is not None
    assert any("opened" in text or "Opened" in text for text in said(server, OWNER).splitlines())


def test_what_is_still_folded_as_the_data_end_is_sent_before_the_node_is_gone(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    played = replay(with_bot(crash, server), tmp_path)
    assert played.summary is not None
    assert played.summary.round_trips
    told = said(server, OWNER)
    counted = sum(int(number) for number in re.findall(r"^• closed: (\d+)", told, re.MULTILINE))
    single = [text for text in server.sent(OWNER) if "events:" not in text.text]
    assert counted + sum(text.text.count("Closed: ") for text in single) == len(played.summary.round_trips)


def test_choices_of_notices_are_checked_and_kept(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    def owner() -> None:
        assert "no time zone" in server.ask(OWNER, "/settings zone Mars/Olympus").text
        assert "Asia/Riyadh" in server.ask(OWNER, "/settings zone Asia/Riyadh").text

    Talk(tmp_path, with_bot(crash, server), closed=1).run(server, owner)
    assert "Asia/Riyadh" in (tmp_path / "telegram.json").read_text()


def test_without_experiments_it_says_that_there_are_none(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def owner() -> None:
        assert server.ask(OWNER, "/experiments").text
        assert "approve" not in server.ask(OWNER, "/approve exp-20260101-001").taps

    Talk(tmp_path, with_bot(crash, server), closed=1).run(server, owner)
