"""A bot's desk before a node that does not run: a real kill switch and journal, and an overview that stands still."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sagetrade_nautilus.bot.authority import Role
from sagetrade_nautilus.bot.commands import COMMANDS
from sagetrade_nautilus.bot.conversation import Conversation
from sagetrade_nautilus.bot.desk import Desk
from sagetrade_nautilus.bot.store import BotStore
from sagetrade_nautilus.bot.telegram.wire import Incoming, Outgoing, Send
from sagetrade_nautilus.bot.words.periods import Period
from sagetrade_nautilus.config import BotConfig, LimitConfig
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat, beside
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.guard.view import GuardView, LimitView, StrategyView
from sagetrade_nautilus.messages import Note, StrategySwitch
from sagetrade_nautilus.model.readings import Component, Composite, Regime
from sagetrade_nautilus.overview import HeldPosition, LastPrice, LastSignal, Overview, ScoredText
from tests.support import node_views
from tests.support.latch import put

NOW = 1_800_000_000_000_000_000
SECOND = 1_000_000_000
VIEWER, TRADER, OWNER = 11, 22, 33
USERS = {VIEWER: Role.VIEWER, TRADER: Role.TRADER, OWNER: Role.OWNER}
BTC = "BTCUSDT.BINANCE"
CHANGES = {"enable news", "disable momentum", "pause", "resume", "emergency_stop", "flatten", "approve exp-1"}
REPORTS = sorted(set(COMMANDS) - {change.split()[0] for change in CHANGES})
PASSWORD = "a long password"  # noqa: S105 - of nobody


def guard_view(folder: Path, **changes: Any) -> GuardView:
    fields: dict[str, Any] = {
        "run": "test",
        "config_digest": "c0ffee" * 8,
        "code_version": "0.1.0+abc",
        "latch": str(folder / "latch.json"),
        "journal": str(folder / "decisions.jsonl"),
        "equity": 101_000.0,
        "day_start": 100_000.0,
        "peak": 102_000.0,
        "budget_left": 0.8,
        "losses_in_a_row": 1,
        "limits": (LimitView("max_exposure_pct", 30.0, 60.0), LimitView("max_spread_bps", None, 100.0)),
        "strategies": (StrategyView("momentum", "momentum-001", True), StrategyView("news", "news-002", False)),
    }
    return node_views.guard_view(**{**fields, **changes})


def overview(guard: GuardView, **changes: Any) -> Overview:
    part = Component("rsi_14", "quant", 71.0, -0.4, 0.5)
    composite = Composite(-0.2, -1, 0.6, 0.01, Regime.HIGH_VOL_RANGING, 61_000.0, (part,))
    held = HeldPosition(
        instrument_id=BTC,
        side="long",
        quantity=0.5,
        entry_price=60_000.0,
        last_price=61_000.0,
        notional=30_500.0,
        unrealized=500.0,
        opened_ns=NOW - 600 * SECOND,
        strategy="momentum-001",
        trade_id="momentum-0001",
        take_profit=62_000.0,
        stop_loss=59_000.0,
    )
    fields: dict[str, Any] = {
        "ts": NOW,
        "started_ns": NOW - 3_600 * SECOND,
        "balances": {"USDT": 100_500.0},
        "positions": (held,),
        "signals": (LastSignal(instrument_id=BTC, ts=NOW - 60 * SECOND, signal_id="s", composite=composite),),
        "prices": (
            LastPrice(instrument_id=BTC, price=61_000.0, age_s=2.0),
            LastPrice(instrument_id="ETHUSDT.BINANCE", price=None, age_s=None),
        ),
        "texts": (
            ScoredText(
                ts=NOW,
                published=NOW - 120 * SECOND,
                item_id="t",
                entity="BTC",
                source="wire",
                title="<b>Up</b> & away",
                url="https://example.org/a",
                event="other",
                sentiment=0.5,
                impact=0.3,
                confidence=0.9,
            ),
        ),
    }
    return node_views.node_overview(**{"guard": guard, **fields, **changes})


class Echo:
    """A counsel that answers every question with what it was asked, and draws it as text."""

    def __init__(self, folder: Path) -> None:
        self.experiments = ExperimentBook(folder / "experiments")
        self.charts = self

    async def answer(self, text: str, overview: Overview, language: str, zone: ZoneInfo) -> str:
        return f"{language}: <{len(text)} letters>"

    def equity(self, period: Period, now_ns: int, zone: ZoneInfo) -> Callable[[], bytes]:
        return f"equity: {period}".encode

    def position(self, held: HeldPosition, zone: ZoneInfo) -> Callable[[], bytes]:
        return held.trade_id.encode


class Bot:
    """A conversation with what it stands on; its node answers the kill switch at once, by its heartbeat."""

    def __init__(self, folder: Path, answers: bool = True, **config: Any) -> None:
        self.folder = folder
        self._updates = 0
        if not (folder / "latch.json").exists():
            put(folder / "latch.json", State.RUNNING)
        Journal(folder / "decisions.jsonl", RunRecord(name="test")).close()
        self.view = guard_view(folder)
        self.heard: list[object] = []
        self.answers = answers
        self.change: Callable[[Overview], Overview] = lambda seen: seen
        self.now_ns = NOW
        self.desk = Desk(self.look, self.publish, LimitConfig(), lambda: self.now_ns)
        self.desk.counsel = Echo(folder)  # type: ignore[assignment]
        self.store = BotStore(folder)
        self.config = BotConfig(**config)
        self.conversation = Conversation(self.config, self.desk, self.store, folder)

    @property
    def state(self) -> State:
        return Latch(self.folder / "latch.json").read().state

    @property
    def notes(self) -> list[Note]:
        return [what for what in self.heard if isinstance(what, Note)]

    def look(self) -> Overview:
        record = Latch(self.folder / "latch.json").read()
        reason = "" if record.state is State.RUNNING else f"kill_switch: {record.state.value}: {record.reason}"
        view = msgspec.structs.replace(self.view, state=record.state.value, reason=reason)
        if self.answers:
            beat = Beat(pid=1, count=self._updates, state=record.state.value, sequence=record.sequence, cancelled=3)
            Heartbeat(beside(self.folder / "latch.json")).write(beat)
        return self.change(overview(view))

    def publish(self, topic: str, message: object) -> None:
        self.heard.append(message)
        if isinstance(message, StrategySwitch):
            views = tuple(
                msgspec.structs.replace(view, enabled=message.enabled) if view.label == message.strategy else view
                for view in self.view.strategies
            )
            self.view = msgspec.structs.replace(self.view, strategies=views)

    def say(self, text: str, user_id: int = OWNER, **more: Any) -> str:
        """Have a person write, and return the text of the last message that comes back."""
        return last(self.hear(text, user_id, **more)).text

    def hear(self, text: str = "", user_id: int = OWNER, **more: Any) -> list[Outgoing]:
        self._updates += 1
        given = {"update_id": self._updates, "user_id": user_id, "chat_id": user_id, "message_id": self._updates}
        incoming = Incoming(**{**given, "text": text, "sent_s": self.now_ns / SECOND, **more})

        async def answer() -> list[Outgoing]:
            coming = asyncio.ensure_future(self.conversation.hear(incoming, USERS[user_id], self.now_ns))
            while not coming.done():
                await asyncio.sleep(0.001)
                self.look()
            return coming.result()

        return asyncio.run(answer())

    def tap(self, data: str, user_id: int = OWNER) -> list[Outgoing]:
        return self.hear(user_id=user_id, tap=data, tap_id="1", sent_s=None)


def last(sent: list[Outgoing]) -> Send:
    """Return the last new message."""
    return [what for what in sent if isinstance(what, Send)][-1]


def code_in(send: Send) -> str:
    """Return the code that a message asks back."""
    taps = [button.tap for row in send.rows for button in row]
    return next(tap for tap in taps if tap.startswith("c:")).removeprefix("c:")


def with_password(bot: Bot) -> None:
    """Set the password that what changes the risk asks for."""
    Password(bot.folder / "latch.json").set(PASSWORD)


def halt(bot: Bot) -> None:
    """Put the kill switch at its strictest state."""
    Latch(bot.folder / "latch.json").engage(State.HALTED, "a test", "test", NOW)


def changed(bot: Bot) -> list[object]:
    """Return all that was changed: the switch, and strategies."""
    switches = [what for what in bot.heard if isinstance(what, StrategySwitch)]
    return [*switches, *([] if bot.state is State.RUNNING else [bot.state])]
