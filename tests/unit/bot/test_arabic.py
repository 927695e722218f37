"""What an Arabic reader is shown is Arabic: every rendered answer and notice, not the catalogue alone."""

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sagetrade_nautilus.bot.advisor.advisor import Advisor
from sagetrade_nautilus.bot.commands import COMMANDS
from sagetrade_nautilus.bot.notices.notice import (
    CanaryEnded,
    Closed,
    Connected,
    ExperimentDone,
    Kind,
    LimitNear,
    Notice,
    Opened,
    OrderFailed,
    Stale,
    Switched,
    Tripped,
    Unowned,
    line,
)
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.breaker.circuit import MEMORY_LOST
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import DenialRecord, RunRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.overview import ClientStatus, NodeStatus
from tests.support.bot import NOW as BOT_NOW
from tests.support.bot import OWNER, Bot
from tests.support.bot_node import BTC, NOW, RULES, decision, fill, overview, recall
from tests.support.checkout import ROOT
from tests.support.proposal import proposed, small_repository

TRADE = "mean_reversion-0006"
NAMES = frozenset({kind.value for kind in Kind}) | frozenset(
    re.findall(
        r"\w+",
        """BTCUSDT ETHUSDT BTC ETH USDT UTC RSI EMA BINANCE SageTrade Telegram mean_reversion momentum news test wire
        cointelegraph cryptonews zone notices quiet daily weekly all off mon Asia Riyadh NAME VALUE ID English
        Mars nothing DOGE loud""",
    )
)
"""Names of instruments, plugins, sources and settings, which are the same in every language; and what was typed."""
OUTSIDE = (
    "the price is stretched: composite score",  # a strategy's own words
    "Up &amp; away",
    "&lt;b&gt;Up&lt;/b&gt; &amp; away",
    "Bitcoin steadies as traders weigh ETF flows",
    "Ethereum developers set a date",
    "insufficient funds",
    "deep dips",
    "increase sharpe by",
)
"""What others wrote, and is quoted."""
_TECHNICAL = re.compile(
    r"<code>[^<]*</code>|<[^>]*>|(?<![\w<])/[a-z_]+(?: [A-Za-z0-9_-]+)*|\b[\w-]*-\d[\w-]*|telegram:\d+"
)


def english(said: str) -> list[str]:
    """Return the Latin words of a message that are neither names, commands, ids nor quotations."""
    bare = re.sub("[\u2066-\u2069\u200e\u200f]", "", said)
    for quoted in OUTSIDE:
        bare = bare.replace(quoted, "")
    return [word for word in re.findall(r"[A-Za-z_]{2,}", _TECHNICAL.sub(" ", bare)) if word not in NAMES]


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """A bot whose node was stopped, has tripped, has denied an order and closed a trade by its plugin's word."""
    proposed(small_repository(tmp_path), {"configs/other.toml": "one = 1\n"})
    bot = Bot(tmp_path, language="ar")
    journal = Journal(tmp_path / "decisions.jsonl", RunRecord(name="test"))
    for record in (
        decision(TRADE),
        fill(NOW, "entry", "buy", 42_950.0),
        fill(NOW + 1, "plugin: the trend has turned", "sell", 43_400.0),
        DenialRecord(
            ts=NOW, client_order_id="O-9", strategy="momentum", instrument_id=BTC, tags=("O-9", "entry"),
            reason="max_slippage_bps: 60 against 50",
        ),
    ):  # fmt: skip
        journal.write(record)
    journal.close()
    trips = (
        Trip(MEMORY_LOST, 1.0, 0.0, BOT_NOW, State.HALTED, False),
        Trip("max_daily_loss_pct", 3.2, 3.0, BOT_NOW, State.REDUCE_ONLY, True),
    )
    bot.view = msgspec.structs.replace(bot.view, trips=trips)
    Latch(tmp_path / "latch.json").engage(State.HALTED, "emergency stop by Telegram", f"telegram:{OWNER}", BOT_NOW)
    return bot


SAID = (
    *sorted(set(COMMANDS) - {"emergency_stop"}),
    f"explain {TRADE}", "why O-9", "signal BTC", "news BTC", "experiments exp-20261126-001", "approve exp-20261126-001",
    "settings zone Mars", "settings notices loud", "settings quiet x", "settings daily x", "settings weekly x",
    "enable news", "disable momentum", "trades 3", "explain nothing", "emergency_stop",
)  # fmt: skip


@pytest.mark.parametrize("words", SAID)
def test_every_answer_to_a_command_is_arabic(bot: Bot, words: str) -> None:
    assert english(bot.say(f"/{words}")) == []


def test_what_fails_is_told_in_arabic_with_the_programs_own_words_behind_it(bot: Bot) -> None:
    (bot.folder / "decisions.jsonl").unlink()
    said = bot.say("/trades")
    assert "تعذّرت قراءة السجل. رسالة البرنامج" in said


NOTICES: tuple[Notice, ...] = (
    Opened(ts=NOW, instrument_id=BTC, side="short", quantity=0.25, price=43_000.0, strategy="momentum"),
    Closed(
        ts=NOW,
        instrument_id=BTC,
        side="long",
        quantity=0.25,
        entry_price=1.0,
        exit_price=2.0,
        net=1.0,
        currency="USDT",
        strategy="momentum",
        seconds=7_300.0,
    ),
    *(
        OrderFailed(ts=NOW, client_order_id="O-1", instrument_id=BTC, what=what, reason=reason)
        for what in ("rejected", "modify_rejected", "cancel_rejected", "unresolved")
        for reason in ("insufficient funds",)
    ),
    OrderFailed(
        ts=NOW, client_order_id="O-1", instrument_id=BTC, what="denied", reason="max_clock_drift_ms: 900 against 500"
    ),
    *(
        LimitNear(ts=NOW, limit=limit, value=8.0, threshold=10.0, reached=reached)
        for limit in ("max_messages_per_s", "max_slippage_bps", "max_drawdown_pct", "max_clock_drift_ms")
        for reached in (False, True)
    ),
    *(
        Tripped(ts=NOW, rule=rule, value=1.0, threshold=0.0, state="halted", until_next_day=day, released=released)
        for rule in (MEMORY_LOST, "max_price_jump_pct")
        for day in (False, True)
        for released in (False, True)
    ),
    Switched(ts=NOW, state="halted", reason="kill_switch: halted: emergency stop by Telegram"),
    Switched(ts=NOW, state="reduce_only", reason="circuit_breaker: reduce_only: max_daily_loss_pct: 3.2 against 3.0"),
    Switched(ts=NOW, state="halted", reason="reconciliation: are our books the venue's? Not known yet"),
    Switched(ts=NOW, state="running", reason=""),
    Stale(ts=NOW, instrument_id=BTC, age_s=4_000.0),
    Stale(ts=NOW, instrument_id=BTC, age_s=1.0, fresh=True),
    Connected(ts=NOW, client="exec BINANCE", connected=False),
    Connected(ts=NOW, client="data BINANCE", connected=True),
    ExperimentDone(ts=NOW, experiment_id="exp-20261126-001", title="deep dips", state="rejected", sharpe=(0.8, 1.0)),
    CanaryEnded(ts=NOW, experiment_id="exp-20261126-001", given_up=True, figures="-4.00%"),
    CanaryEnded(ts=NOW, experiment_id="exp-20261126-001", given_up=False, figures="+0.40%"),
    Unowned(ts=NOW, instrument_id=BTC),
)


@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_is_arabic(notice: Notice) -> None:
    assert english(line(notice, Show("ar"))) == []


QUESTIONS: list[dict[str, Any]] = msgspec.toml.decode(
    (ROOT / "tests" / "fixtures" / "advisor" / "questions.toml").read_bytes()
)["question"]


@pytest.mark.parametrize("text", [row["text"] for row in QUESTIONS if row.get("language", "ar") == "ar"])
def test_every_answer_of_the_advisor_is_arabic(text: str) -> None:
    seen = overview(node=NodeStatus(clients=(ClientStatus("data BINANCE", True),), queues={}, stopping=False))
    answer = Advisor(RULES, recall()).answer(text, seen, "ar", ZoneInfo("UTC"))
    if answer.language == "ar":
        assert english(answer.text) == []


# The facts in them


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_count_in_a_second_is_no_length_of_time(language: str) -> None:
    assert Show(language).measured("max_messages_per_s", 8.0) == "8"  # type: ignore[arg-type]
    assert Show("en").measured("max_price_age_s", 8.0) == "8 s"


def test_a_lost_memory_and_a_plugins_exit_are_said_in_words(bot: Bot) -> None:
    assert "فقدان ذاكرة القاطع" in bot.say("/risk")
    assert "إغلاق من الاستراتيجية" in bot.say("/trades")
    english_bot = Bot(bot.folder)
    english_bot.view = bot.view
    assert "Lost memory of the circuit breaker" in english_bot.say("/why")
    assert "closed by the strategy" in english_bot.say(f"/explain {TRADE}")
    assert "closed by the strategy, after" in english_bot.say("/trades")


def test_sentences_about_a_market_are_parted() -> None:
    said = Advisor(RULES, recall()).answer("how is the market?", overview(), "en", ZoneInfo("UTC")).text
    assert "in an hour. Last price" in said


def test_numbers_agree_with_what_they_count() -> None:
    show = Show("ar")
    marks = re.compile("[\u2066-\u2069]")
    said = [marks.sub("", show.span(seconds)) for seconds in (5.0, 120.0, 10_800.0, 172_800.0, 8_000.0)]
    assert said == ["5 ث", "2 د", "3 س", "2 ي", "2.2 س"]
    assert marks.sub("", show.bps(5.0)) == "5 (نقاط أساس)"
