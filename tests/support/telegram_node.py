"""A replay with a bot, at a Bot API of the tests' own, and people who talk to it from threads while it runs."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar

from adapters.replay.pace import Control, Pace, taken
from sagetrade_nautilus.bot.notices.hearers import OFF
from sagetrade_nautilus.bot.store import NAME, BotFile, Settings
from sagetrade_nautilus.config import BotConfig, RunConfig, load
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.files import CONTROL, JOURNAL
from sagetrade_nautilus.run.node.bot import TOKEN as TOKEN_NAME
from sagetrade_nautilus.run.replay import Played, replay
from tests.support.telegram_server import TOKEN, TelegramServer

VIEWER, TRADER, OWNER = 11, 22, 33
USERS = {str(VIEWER): "viewer", str(TRADER): "trader", str(OWNER): "owner"}
replace = msgspec.structs.replace


def two_days(root: Path, catalog: Path) -> RunConfig:
    """Return two days of May 2022 in which strategies trade, on prices alone; the data are there."""
    demo = load(root / "configs" / "demo.toml")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (8, 10))
    data = replace(demo.data, start=first, end=last, catalog=str(catalog), texts=False)
    config = replace(demo, name="crash", data=data, strategies=demo.strategies[:2])
    backtest.prepare(config)
    return config


def with_bot(config: RunConfig, server: TelegramServer, **changes: Any) -> RunConfig:
    """Return the run with a bot at `server`."""
    return replace(config, bot=replace(BotConfig(enabled=True, users=USERS, base_url=server.url), **changes))


class Brake(Actor):
    """Holds the replay once, when as many trades were closed and one is open, by its control file."""

    def __init__(self, control: Path, closed: int) -> None:
        super().__init__(ActorConfig(component_id="brake"))
        self._control = control
        self._closed = closed
        self.held = threading.Event()

    def on_start(self) -> None:
        self.msgbus.subscribe("data.bars.*", self._hear)

    def _hear(self, bar: Bar) -> None:
        if self.held.is_set() or self.cache.positions_closed_count() < self._closed or not self.cache.positions_open():
            return
        self._control.write_text("pause\n")
        time.sleep(0.06)  # the control file is read every 50 ms
        self.held.set()


class Talk:
    """People on threads of their own beside a replay, which they can hold and let go on.

    Without `notices` they have chosen to be told nothing, and hear answers alone.
    """

    def __init__(self, folder: Path, config: RunConfig, closed: int | None = None, *, notices: bool = False) -> None:
        self._folder = folder
        if not notices and not (folder / NAME).exists():
            quiet = Settings(choices={"notices": OFF, "daily": OFF, "weekly": OFF})
            folder.mkdir(parents=True, exist_ok=True)
            (folder / NAME).write_bytes(msgspec.json.encode(BotFile(users=dict.fromkeys(USERS, quiet))))
        self._config = config
        self._brake = None if closed is None else Brake(folder / CONTROL, closed)

    def command(self, line: str) -> None:
        """Tell the replay something: 'play', 'pause', 'speed 60'; and wait until it was taken, for a while."""
        control = self._folder / CONTROL
        control.write_text(f"{line}\n")
        deadline = time.monotonic() + 2.0
        while (control.exists() or taken(control).exists()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def play(self, speed: str) -> None:
        """Let the replay go on, so many times as fast as life."""
        self.command(f"speed {speed}")
        self.command("play")

    def run(self, server: TelegramServer, *people: Callable[[], object], speed: float = 0.0) -> Played:
        """Play while `people` talk, each on a thread; then let it play to its end. What they raise is raised here."""
        errors: list[BaseException] = []

        def speak(person: Callable[[], object]) -> None:
            try:
                server.until(lambda: server.calls)  # the bot is there
                if self._brake is not None:
                    assert self._brake.held.wait(60)
                person()
            except BaseException as error:  # noqa: BLE001 - raised again where the test is
                errors.append(error)

        threads = [threading.Thread(target=speak, args=(person,), daemon=True) for person in people]

        def end() -> None:
            for thread in threads:
                thread.join()
            self.play("max")

        for thread in (*threads, threading.Thread(target=end, daemon=True)):
            thread.start()
        listeners = [] if self._brake is None else [self._brake]
        pace = Pace(speed, Control(self._folder / CONTROL, lambda line: None))
        played = replay(self._config, self._folder, pace, listeners=listeners)
        for thread in threads:
            thread.join()
        for error in errors:
            raise error
        return played


def token(patch: pytest.MonkeyPatch) -> None:
    """Put the bot's token where it is looked for."""
    patch.setenv(TOKEN_NAME, TOKEN)


def orders(folder: Path) -> list[OrderRecord]:
    return [line for line in read(folder / JOURNAL) if isinstance(line, OrderRecord)]


def state(folder: Path) -> State:
    return Latch(folder / "latch.json").read().state
