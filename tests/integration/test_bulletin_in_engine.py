"""The bulletin in a real engine: what happens on the bus is told and remembered, and what fails in it stops nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.model.data import Bar, BarType

from sagetrade_nautilus.bot.advisor.advisor import Advisor
from sagetrade_nautilus.bot.advisor.facts import Rules
from sagetrade_nautilus.bot.advisor.recall import Recall
from sagetrade_nautilus.bot.notices.board import NoticeBoard
from sagetrade_nautilus.bot.notices.bulletin import Bulletin
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.notices.summary import Summaries
from sagetrade_nautilus.bot.pictures.charts import Charts
from sagetrade_nautilus.bot.pictures.track import EquityTrack
from sagetrade_nautilus.bot.words.periods import Period
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.messages import CONNECTIONS_TOPIC, Connection
from sagetrade_nautilus.observer import Observer
from tests.support.bot_node import held
from tests.support.engine import BTC
from tests.support.plugin import FLAT, play

ANNA = Hearer(user_id=7, language="en")
UTC = ZoneInfo("UTC")
RULES = Rules(round_trip_bps=22.0, taker_fee_bps=10.0, slippage_bps=1.0, neutral_band=0.1, max_price_age_s=900.0)
RISE = FLAT[:4] + [41_000.0] * 20


class Desk(Actor):
    """Keeps a bulletin whose clock is the engine's, and ticks it at every bar."""

    def __init__(self, at: dict[int, Callable[["Desk"], None]], send: Callable[[int, Message], None] | None) -> None:
        super().__init__()
        self.at = at
        self.sent: list[Message] = []
        self.errors: list[str] = []
        self._send = send or (lambda user_id, message: self.sent.append(message))
        self.bars = 0

    def on_start(self) -> None:
        observer = Observer(self.msgbus, self.cache, self.clock)
        self.look = observer.look
        self.recall, self.track = Recall(), EquityTrack()
        self.charts = Charts(self.cache, self.track)
        self.summaries = Summaries(RULES, self.recall, self.charts, self.look, self._send)
        board = NoticeBoard(self._send, lambda: [ANNA], self.summaries.send)
        now = self.clock.timestamp_ns
        self.bulletin = Bulletin(
            self.msgbus, self.cache, self.look, board, self.recall, self.track, self.errors.append, tuple, now
        )
        self.bulletin.start()
        self.subscribe_bars(BarType.from_str(f"{BTC}-5-MINUTE-LAST-EXTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        self.bars += 1
        self.at.get(self.bars, lambda desk: None)(self)
        for _ in range(5):
            self.bulletin.tick()


def run(
    folder: Path,
    at: dict[int, Callable[[Desk], None]] | None = None,
    send: Callable[[int, Message], None] | None = None,
    **changes: Any,
) -> tuple[Desk, Any]:
    desk = Desk(at or {}, send)
    outcome, _ = play(folder, prepare=lambda made, plugin: made.add_actor(desk), **{"closes": RISE, **changes})
    return desk, outcome


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A buy at the second bar that takes its profit at the fifth; the day's summary is asked for at the twentieth."""
    folder = tmp_path_factory.mktemp("run")
    made, _ = run(
        folder,
        {
            3: lambda desk: desk.msgbus.publish(CONNECTIONS_TOPIC, Connection("BINANCE", connected=False)),
            20: lambda desk: desk.summaries.send(ANNA, Period.DAY),
        },
    )
    made.folder = folder
    return made


def test_what_happens_is_told_in_its_order(desk: Desk) -> None:
    said = "\n".join(message.text for message in desk.sent)
    told = [
        "Opened: long 0.25 BTCUSDT at 40,000",
        "BINANCE: the connection is lost",
        "✅ Closed: long",
    ]
    places = [said.index(part) for part in told]
    assert places == sorted(places)
    assert desk.errors == []


def test_the_result_that_is_told_and_remembered_is_the_accounts(desk: Desk) -> None:
    trade = desk.recall.closed(0, desk.clock.timestamp_ns() + 1)[0]
    look = desk.track.since(0)[1]
    net = trade.amounts.net_pnl
    assert trade.counted_in("USDT") == trade.amounts
    assert look[-1] - look[0] == pytest.approx(net, abs=0.011)
    closed = next(message.text for message in desk.sent if "Closed" in message.text)
    assert f"+{net:,.2f} USDT" in closed
    assert (trade.exit_purpose, trade.amounts.side) == ("take_profit", "buy")


def test_a_journal_that_is_read_tells_the_same_trades_as_the_bus(desk: Desk) -> None:
    memory = Recall()
    for record in read(desk.folder / "decisions.jsonl"):
        memory.hear(record)
    end = desk.clock.timestamp_ns() + 1
    assert memory.closed(0, end) == desk.recall.closed(0, end)


def test_the_summary_has_words_and_a_picture(desk: Desk) -> None:
    summary = next(message for message in desk.sent if message.picture is not None)
    assert "The last day, until 2022-01-01" in summary.text
    assert "Closed trades: 1, of them with a gain: 1" in summary.text
    assert summary.picture is not None
    assert summary.picture.startswith(b"\x89PNG")


def test_the_advisor_answers_from_a_real_node(tmp_path: Path) -> None:
    answers: list[str] = []

    def ask(desk: Desk) -> None:
        advisor = Advisor(RULES, desk.recall)
        for text in ("should I buy BTC?", "why did we buy?", "what are my open positions", "how was my day"):
            answers.append(advisor.answer(text, desk.look(), "en", UTC).text)

    run(tmp_path, {4: ask})
    enter, why, positions, result = answers
    assert enter.startswith("BTCUSDT: the signals point up, strongly.")
    assert "Score +0.80" in enter
    assert "BTCUSDT: buy by p (p-0001), on a score of +0.80" in why
    assert "a test" in why
    assert "long 0.25 BTCUSDT" in positions
    assert "stop-loss 39,600, take-profit 40,800" in positions
    assert result.startswith("No trade was closed today.")


def test_a_position_is_drawn_on_its_chart(tmp_path: Path) -> None:
    drawn: list[bytes] = []

    def draw(desk: Desk) -> None:
        picture = desk.charts.position(desk.look().positions[0], UTC)
        assert picture is not None
        drawn.append(picture())

        assert desk.charts.position(held(opened_ns=0), UTC) is not None  # opened before the first bar that is known
        assert desk.charts.position(held(instrument_id="ETHUSDT.BINANCE"), UTC) is None

    run(tmp_path, {4: draw})
    assert drawn[0].startswith(b"\x89PNG")


def test_an_order_that_the_guard_denies_is_told(tmp_path: Path) -> None:
    desk, _ = run(tmp_path, closes=FLAT[:10], limits=LimitConfig(max_symbol_exposure_pct=5.0))
    said = "\n".join(message.text for message in desk.sent)
    assert "the guard denied an order" in said
    assert "Exposure in one instrument: 10%, the limit is 5%" in said
    assert said.count("denied an order") == 1  # not for each order of the bracket


def test_a_limit_is_told_before_it_is_reached_and_the_breaker_when_it_trips(tmp_path: Path) -> None:
    falling = FLAT[:4] + [39_750.0, 39_700.0, 39_610.0] + [39_610.0] * 10
    limits = LimitConfig(max_daily_loss_pct=0.09)
    desk, _ = run(tmp_path, closes=falling, limits=limits)
    said = "\n".join(message.text for message in desk.sent)
    assert said.index("Close to a limit. Loss of the day") < said.index("The circuit breaker tripped. Loss of the day")
    assert "Positions are only reduced" in said


def test_what_fails_in_telling_never_reaches_the_engine(tmp_path: Path) -> None:
    def broken(user_id: int, message: Message) -> None:
        raise OSError("no more room")

    desk, outcome = run(tmp_path, send=broken)
    assert outcome.filled() == ["entry", "take_profit"]
    assert desk.errors
    assert all("no more room" in error for error in desk.errors)
