"""A notice goes out as messages that Telegram takes, with nothing lost between them."""

import pytest
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from sagetrade_nautilus.bot.charts import Charts
from sagetrade_nautilus.bot.hearers import Hearer
from sagetrade_nautilus.bot.notices import Message
from sagetrade_nautilus.bot.periods import Period
from sagetrade_nautilus.bot.summary import Summaries
from sagetrade_nautilus.bot.track import EquityTrack
from sagetrade_nautilus.bot.whole import marked, sends
from sagetrade_nautilus.config.bot import Language
from tests.support.bot_node import RULES, held, overview, recall

TELEGRAM_TAKES = 4_096


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_summary_of_many_positions_is_parted_between_lines(language: Language) -> None:
    charts = Charts(TestComponentStubs.cache(), EquityTrack())
    many = overview(positions=tuple(held(trade_id=f"mean_reversion-{number:04}") for number in range(40)))
    summaries = Summaries(RULES, recall(), charts, lambda: many, lambda user_id, message: None)
    message = summaries.write(Hearer(user_id=7, language=language), Period.DAY, many)
    whole = marked(message.text, language)
    assert len(whole) > TELEGRAM_TAKES
    sent = sends(7, Message(text=message.text, picture=b"png", critical=True), language)
    assert all(len(send.text) <= TELEGRAM_TAKES and send.critical for send in sent)
    assert [send.picture for send in sent] == [b"png", *[None] * (len(sent) - 1)]
    assert "\n".join(send.text for send in sent) == whole


def test_a_short_notice_is_one_message() -> None:
    assert [send.text for send in sends(7, Message(text="a <b> c"), "en")] == ["a &lt;b&gt; c"]
