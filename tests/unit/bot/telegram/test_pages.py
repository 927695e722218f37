"""Long answers and notices come in pages of whole lines, with nothing lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.notices.summary import Summaries
from sagetrade_nautilus.bot.pictures.charts import Charts
from sagetrade_nautilus.bot.pictures.track import EquityTrack
from sagetrade_nautilus.bot.telegram.pages import ANSWERS_MAX, PAGE_CHARS_MAX, Pager, sends, split
from sagetrade_nautilus.bot.telegram.wire import Button, Reply
from sagetrade_nautilus.bot.words.periods import Period
from sagetrade_nautilus.bot.words.voice import Voice
from sagetrade_nautilus.config.bot import Language
from tests.support.bot_node import RULES, held, overview, recall

EN = Voice("en")
TELEGRAM_TAKES = 4_096
LONG = "\n".join(f"line {number}" for number in range(1_000))


@given(st.lists(st.text(alphabet="ab ", max_size=80), max_size=200))
def test_no_line_is_lost_parted_or_moved(lines: list[str]) -> None:
    pages = split("\n".join(lines), 200)
    kept = [line for page in pages for line in page.split("\n") if line]
    assert kept == [line for line in lines if line]
    assert all(len(page) <= 200 for page in pages)


def test_a_short_answer_is_one_message_without_a_page() -> None:
    send = Pager().send(7, Reply("short", picture=b"png"), EN)
    assert (send.text, send.rows, send.picture) == ("short", (), b"png")


def test_pages_are_turned_there_and_back_and_keep_their_other_buttons() -> None:
    pager, more = Pager(), ((Button("x", "r:x"),),)
    first = pager.send(7, Reply(LONG, more), EN)
    assert len(first.text) < PAGE_CHARS_MAX + 50
    assert first.rows[1:] == more
    second = pager.turn(7, 5, first.rows[0][0].tap, EN)
    assert second is not None
    assert (second.chat_id, second.message_id) == (7, 5)
    back = pager.turn(7, 5, second.rows[0][0].tap, EN)
    assert back is not None
    assert back.text == first.text


def test_nobody_turns_the_pages_of_another() -> None:
    pager = Pager()
    tap = pager.send(7, Reply(LONG), EN).rows[0][0].tap
    assert pager.turn(8, 5, tap, EN) is None


def test_what_is_no_page_or_is_forgotten_is_none() -> None:
    pager = Pager()
    tap = pager.send(7, Reply(LONG), EN).rows[0][0].tap
    for nonsense in ("p:", "p:1:", "p:1:x", "p:1:9999", "p:9:0", "p:1:-1", "p:1:²", "p:1:" + "1" * 5_000):
        assert pager.turn(7, 5, nonsense, EN) is None
    for _ in range(ANSWERS_MAX):
        pager.send(7, Reply(LONG), EN)
    assert pager.turn(7, 5, tap, EN) is None


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_summary_of_many_positions_is_parted_between_lines(language: Language) -> None:
    charts = Charts(TestComponentStubs.cache(), EquityTrack())
    many = overview(positions=tuple(held(trade_id=f"mean_reversion-{number:04}") for number in range(40)))
    summaries = Summaries(RULES, recall(), charts, lambda: many, lambda user_id, message: None)
    message = summaries.write(Hearer(user_id=7, language=language), Period.DAY, many)
    whole = Voice(language).plain(message.text)
    assert len(whole) > TELEGRAM_TAKES
    sent = sends(7, Message(text=message.text, picture=b"png", critical=True), Voice(language))
    assert all(len(send.text) <= TELEGRAM_TAKES and send.critical for send in sent)
    assert [send.picture for send in sent] == [b"png", *[None] * (len(sent) - 1)]
    assert "\n".join(send.text for send in sent) == whole


def test_a_short_notice_is_one_message() -> None:
    assert [send.text for send in sends(7, Message(text="a <b> c"), Voice("en"))] == ["a &lt;b&gt; c"]
