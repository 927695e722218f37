"""Real questions in English and Arabic: each is understood, and its answer says what it must."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sagetrade_nautilus.bot.advisor.advisor import Advisor
from sagetrade_nautilus.bot.advisor.question import understand
from sagetrade_nautilus.bot.advisor.words import is_arabic
from sagetrade_nautilus.bot.words.periods import Period
from sagetrade_nautilus.guard.journal.records import OrderRecord
from tests.support.bot_node import MINUTE, NOW, RULES, held, overview, recall
from tests.support.checkout import ROOT

UTC = ZoneInfo("UTC")
FILE = ROOT / "tests" / "fixtures" / "advisor" / "questions.toml"
QUESTIONS: list[dict[str, Any]] = msgspec.toml.decode(FILE.read_bytes())["question"]
_MARKS = re.compile("[\u2066-\u2069\u200e\u200f]")


def asked(text: str, **changes: Any) -> str:
    """Return the answer to `text` without its bidirectional marks."""
    said = Advisor(RULES, recall()).answer(text, overview(**changes), "en", UTC)
    return _MARKS.sub("", said.text)


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["text"])
def test_a_question_is_understood_and_answered(row: dict[str, Any]) -> None:
    question = understand(row["text"], ("BTC", "ETH"), "en")
    assert (question.intent, question.symbol or "") == (row["intent"], row.get("symbol", ""))
    assert question.language == row.get("language", "ar" if is_arabic(row["text"]) else "en")
    assert question.side == row.get("side")
    assert question.trade_id == row.get("trade_id", "")
    assert question.period == row.get("period", Period.TODAY)
    if "asked" in row:
        assert question.asked == row["asked"]
    answer = asked(row["text"])
    for part in row["says"]:
        assert part in answer


def test_there_are_at_least_sixty_questions_and_both_languages_have_their_share() -> None:
    arabic = [row for row in QUESTIONS if is_arabic(row["text"])]
    assert len(QUESTIONS) >= 60
    assert len(QUESTIONS) / 3 < len(arabic) < len(QUESTIONS) * 2 / 3


def test_a_text_that_tells_no_language_is_answered_in_the_person_s_own() -> None:
    assert understand("BTC?", ("BTC",), "ar").language == "ar"


@pytest.mark.parametrize(("period", "says"), [("today", "today"), ("yesterday", "yesterday")])
def test_fees_are_said_to_be_of_the_days_that_were_asked_about(period: str, says: str) -> None:
    now = NOW if period == "today" else NOW + 24 * 60 * MINUTE
    assert f"Fees paid {says}: " in asked(f"what fees did I pay {period}?", ts=now)
    assert "Fees paid in the last seven days: " in asked("what fees did I pay this week?", ts=now)


def test_what_the_stops_would_cost_is_unknown_where_a_price_is() -> None:
    priced = held(quantity=1.0, last_price=43_000.0, stop_loss=42_900.0)
    unpriced = held(trade_id="mean_reversion-0008", last_price=None, notional=None, unrealized=None)
    says = "If every stop were hit from here: {} lost, before fees and slippage"
    assert says.format("100.00 USDT") in asked("what is my risk?", positions=(priced,))
    assert says.format("–") in asked("what is my risk?", positions=(priced, unpriced))


def test_without_a_signal_the_answer_says_so() -> None:
    said = asked("should I buy BTC?", signals=())
    assert "there is no signal yet" in said
    assert "Last price 43,210.5" in said


def test_a_node_without_instruments_says_that_it_trades_nothing() -> None:
    said = asked("should I buy BTC?", prices=(), signals=(), positions=())
    assert "trades nothing yet" in said


def test_signals_on_an_old_price_are_not_relied_on() -> None:
    old = tuple(msgspec.structs.replace(price, age_s=4_000.0) for price in overview().prices)
    said = asked("should I buy BTC?", prices=old)
    assert said.startswith("BTCUSDT: the last price is 1.1 h old, more than the 15 min allowed")
    assert "point up" not in said


def test_why_an_order_failed_is_quoted_with_the_limit_in_the_language() -> None:
    memory = recall()
    reason = "max_symbol_exposure_pct: 60 against 50"
    memory.hear(OrderRecord(ts=NOW - MINUTE, event="denied", client_order_id="O-9", reason=reason))
    said = Advisor(RULES, memory).answer("ليش انرفض الأمر", overview(), "en", UTC).text
    assert "آخر أمر فشل، قبل 1 د (O-9): الانكشاف في أداة واحدة: 60%، والحد 50%" in _MARKS.sub("", said)


def test_a_trade_is_found_by_its_number_in_arabic_digits() -> None:
    assert understand("لماذا momentum_scalper-٠٠٠٢؟", ["BTC"], "ar").trade_id == "momentum_scalper-0002"
