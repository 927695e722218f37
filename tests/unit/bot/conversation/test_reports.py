"""Every report is given to whoever asks, in their language, and changes nothing."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.guard.switch.state import State
from tests.support import bot_node
from tests.support.bot import (
    NOW,
    REPORTS,
    VIEWER,
    Bot,
    changed,
    halt,
    last,
)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_given_to_a_viewer_in_either_language(tmp_path: Path, name: str, language: str) -> None:
    bot = Bot(tmp_path, language=language)
    said = bot.say(f"/{name}", VIEWER)
    assert said
    assert "{" not in said
    assert changed(bot) == []
    arabic = any("\u0600" <= letter <= "\u06ff" for letter in said)
    assert arabic is (language == "ar")


def test_a_status_says_what_trades_and_what_it_is_worth(bot: Bot) -> None:
    said = bot.say("/status", VIEWER)
    assert "🟢 Trading: <b>running</b>" in said
    assert "101,000.00 USDT" in said
    assert "+1,000.00 USDT (+1.00%)" in said


def test_a_market_without_a_price_yet_is_the_oldest_price_of_a_status(bot: Bot) -> None:
    bot.change = lambda seen: msgspec.structs.replace(seen, started_ns=seen.ts - 1_200_000_000_000)
    assert "Oldest price: <b>20 min</b>" in bot.say("/status", VIEWER)


def test_what_a_day_brought_of_a_costly_coin_is_not_rounded_to_nothing(bot: Bot) -> None:
    bot.view = msgspec.structs.replace(bot.view, currency="BTC", equity=0.2512, day_start=0.25)
    assert "+0.0012 BTC (+0.48%)" in bot.say("/status", VIEWER)


def test_a_halt_is_seen_in_the_status_with_its_reason(bot: Bot) -> None:
    halt(bot)
    said = bot.say("/status")
    assert "🔴 Trading: <b>halted</b>" in said
    assert "a test" in said


def test_a_position_is_shown_with_its_exits_and_what_it_stands_at(bot: Bot) -> None:
    said = bot.say("/open_positions", VIEWER)
    assert "long 0.5 BTCUSDT" in said
    assert "+500.00 USDT (+1.67%)" in said
    assert "Stop 59,000, target 62,000" in said


def test_a_coin_that_is_held_is_told_with_all_its_decimals(bot: Bot) -> None:
    """0.0025 bitcoin are a hundred dollars, and no 0.00."""
    bot.change = lambda seen: msgspec.structs.replace(seen, balances={"BTC": 0.00254, "ETH": 1.23456, "USDT": 100.5})
    said = bot.say("/balance", VIEWER)
    assert "0.00254 BTC\n1.23456 ETH\n100.50 USDT" in said


def test_a_limit_is_shown_with_its_value_and_distance_and_an_unknown_one_first(bot: Bot) -> None:
    said = bot.say("/risk", VIEWER)
    assert "30% of 60%, 30% left" in said
    assert said.index("not known now") < said.index("Gross exposure")
    assert "Worth of an order, of equity: <b>50%</b>" in said


def test_headlines_are_data(bot: Bot) -> None:
    assert "&lt;b&gt;Up&lt;/b&gt; &amp; away" in bot.say("/news", VIEWER)


@pytest.mark.parametrize("word", ["btc", "btcusdt", "bitcoin", "بيتكوين"])
def test_news_are_found_by_what_people_call_what_they_are_about(bot: Bot, word: str) -> None:
    assert "away" in bot.say(f"/news {word}", VIEWER)
    assert "No text about" in bot.say(f"/news {word}x", VIEWER)


@pytest.mark.parametrize(
    "word", ["btc", "BTCUSDT", "btc/usdt", "BTCUSDT.BINANCE", " Btc ", "Bitcoin", "بيتكوين", "البيتكوين؟"]
)
def test_a_signal_is_found_by_what_people_call_the_instrument(bot: Bot, word: str) -> None:
    said = bot.say(f"/signal {word}", VIEWER)
    assert "BTCUSDT: down" in said
    assert "RSI (14): −0.400 × 50% = −0.200" in said


@pytest.mark.parametrize("word", ["doge", "t", "<b>", "🙂", "eth; drop"])
def test_an_unknown_symbol_is_answered_with_those_that_are_known(bot: Bot, word: str) -> None:
    send = last(bot.hear(f"/signal {word}", VIEWER))
    assert "I do not know" in send.text
    assert [button.tap for row in send.rows for button in row] == ["r:signal BTCUSDT", "r:signal ETHUSDT"]


def test_what_tripped_is_told_with_its_numbers(bot: Bot) -> None:
    trip = Trip("max_daily_loss_pct", 3.2, 3.0, NOW, State.REDUCE_ONLY, True)
    bot.view = msgspec.structs.replace(bot.view, trips=(trip,))
    said = bot.say("/why", VIEWER)
    assert "Loss of the day" in said
    assert "3.2%, the limit is 3%" in said
    assert "00:00 UTC" in said


@pytest.mark.parametrize(
    "words", ["/explain", "/explain nothing-0001", "/why O-1", "/nonsense", "/approve", "/enable x"]
)
def test_what_makes_no_sense_gets_a_helpful_answer(bot: Bot, words: str) -> None:
    assert len(bot.say(words)) > 20
    assert changed(bot) == []


def test_a_question_goes_to_the_advisor_and_its_plain_words_are_no_mark_up(bot: Bot) -> None:
    assert last(bot.hear("should I buy?", VIEWER)).text == "en: &lt;13 letters&gt;"
    assert last(bot.hear("x" * 5_000)).text == "en: &lt;1000 letters&gt;"


@pytest.mark.parametrize("word", ["status", "Risk ", "help"])
def test_a_command_without_its_slash_is_heard_as_one(bot: Bot, word: str) -> None:
    assert bot.say(word, VIEWER) == bot.say(f"/{word.strip().lower()}", VIEWER)


def test_a_change_without_its_slash_asks_for_its_code_too(bot: Bot) -> None:
    assert "To confirm" in bot.say("pause")
    assert "needs the role" in bot.say("pause", VIEWER)
    assert changed(bot) == []


def test_where_no_trade_was_closed_none_is_offered_in_place_of_an_unknown_one(bot: Bot) -> None:
    said = bot.say("/explain nothing-0001")
    assert said == "The journal knows no trade \u2068nothing-0001\u2069, and no trade has been closed here yet."


def test_where_every_strategy_is_on_there_is_none_to_enable(bot: Bot) -> None:
    bot.view = msgspec.structs.replace(bot.view, strategies=bot.view.strategies[:1])
    assert bot.say("/enable") == "There is none to enable: all may enter."


def test_a_position_is_looked_at_on_its_chart_by_a_tap(bot: Bot) -> None:
    taps = [button.tap for row in last(bot.hear("/open_positions", VIEWER)).rows for button in row]
    assert taps == ["r:open_positions momentum-0001", "r:explain momentum-0001"]
    assert last(bot.tap(taps[0], VIEWER)).picture == b"momentum-0001"


@pytest.mark.parametrize(("name", "period"), [("weekly", "week"), ("performance", "day")])
def test_results_come_with_a_picture(bot: Bot, name: str, period: str) -> None:
    assert last(bot.hear(f"/{name}", VIEWER)).picture == f"equity: {period}".encode()


def test_what_fails_is_told_in_a_sentence(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise JournalError("the journal <is> gone")

    monkeypatch.setattr(bot.desk.history, "_read", fail)
    assert "the journal &lt;is&gt; gone" in bot.say("/trades")


@pytest.mark.parametrize(("said", "shown"), [("x", "x"), ("0", "0"), ("-3", "-3"), ("<b>", "&lt;b&gt;")])
def test_trades_that_are_asked_for_by_no_number_are_asked_for_again(bot: Bot, said: str, shown: str) -> None:
    assert (
        bot.say(f"/trades {said}")
        == f"How many? For example /trades 20; \u2068{shown}\u2069 is no whole number from 1 on."
    )


@pytest.mark.parametrize("blank", [" ", " \t", "\u00a0 "])
def test_a_button_whose_words_are_blank_is_a_command_without_words(bot: Bot, blank: str) -> None:
    assert last(bot.tap(f"r:why {blank}", VIEWER)).text == last(bot.hear("/why", VIEWER)).text


def test_results_whose_fees_are_in_another_currency_are_named_and_not_added_up(bot: Bot) -> None:
    journal = Journal(bot.folder / "decisions.jsonl", RunRecord())
    for trade_id, currency in (("p-1", "USDT"), ("p-2", "BNB")):
        journal.write(bot_node.decision(trade_id))
        for role, side, price in (("entry", "buy", 43_000.0), ("stop_loss", "sell", 43_100.0)):
            journal.write(bot_node.fill(NOW, role, side, price, tags=(trade_id, role), currency=currency))
    journal.close()
    for command in ("/performance", "/weekly"):
        said = bot.say(command)
        assert "fees were taken in another currency: 1" in said
        assert "Trades: <b>1</b>" in said
        assert "+3.50 USDT" in said
    assert "Net – (–), fees –" in bot.say("/trades")
