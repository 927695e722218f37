"""Paper trading with a bot: what a person switched off stays off in the next life, and a stop is told to its end."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from nautilus_trader.model.data import Bar

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord, StateRecord
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.node.clients import DataClient
from sagetrade_nautilus.run.paper import paper
from strategies.momentum_scalper import MomentumScalper
from tests.support.telegram_node import OWNER, VIEWER, orders, token, with_bot
from tests.support.telegram_server import Fault, TelegramServer, telegram
from tests.support.ticking import until_over, wish

pytestmark = pytest.mark.slow


def live(config: RunConfig, folder: Path, data: DataClient, server: TelegramServer, person: Callable[[], None]) -> None:
    """Trade on paper until the feed ends, while somebody talks to the bot."""
    errors: list[BaseException] = []

    def speak() -> None:
        try:
            person()
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    stopped_by = paper(config, folder, lambda line: None, data=data)
    thread.join()
    for error in errors:
        raise error
    assert stopped_by is signal.SIGTERM


def test_off_by_telegram_is_off_after_a_restart(
    wall: RunConfig, wall_bars: list[Bar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = until_over(wall_bars[:150])
    token(monkeypatch)
    with telegram() as server:
        bot = with_bot(wall, server, auto_approve=["disable"])
        bot = msgspec.structs.replace(bot, node=msgspec.structs.replace(bot.node, on_stop="cancel"))

        def switch_off() -> None:
            server.until(lambda: server.calls)
            assert "enters no more" in server.ask(OWNER, "/disable momentum_scalper").text

        live(bot, tmp_path, data, server, switch_off)
        before = len(list(read(tmp_path / JOURNAL)))
        server.calls.clear()

        def look() -> None:
            server.until(lambda: server.calls)
            assert "momentum_scalper: off" in server.ask(VIEWER, "/strategies").text

        live(bot, tmp_path, data, server, look)
    after = list(read(tmp_path / JOURNAL))[before:]
    switched = [line for line in after if isinstance(line, StateRecord) and line.subject == "strategy:momentum_scalper"]
    assert [(line.state, line.by) for line in switched] == [("still disabled", f"telegram:{OWNER}")]
    entries = [line for line in after if isinstance(line, OrderRecord) and "entry" in line.tags]
    assert [line for line in entries if line.event == "submitted"] == []


@pytest.mark.parametrize("answers", [True, False])
def test_a_stop_is_told_with_what_it_closed_and_a_telegram_that_hangs_keeps_it_for_seconds_alone(
    wall: RunConfig, wall_bars: list[Bar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    token(monkeypatch)
    asked: list[float] = []
    with telegram() as server:
        if not answers:
            server.faults.append(Fault("sendMessage", hang_s=60.0, cut=True, times=1_000))
        paper(with_bot(wall, server), tmp_path, lambda line: asked.append(time.monotonic()), until_over(wall_bars))
        took_s = time.monotonic() - asked[-1]  # since it said that it winds down
        told = "\n".join(call.text for call in server.sent(OWNER))
    sizes: Counter[str] = Counter()
    for line in orders(tmp_path):
        if line.event in ("filled", "partially_filled"):
            sizes[line.tags[0]] += (line.last_qty or 0.0) * (1 if line.side == "buy" else -1)
    assert sizes
    assert all(abs(size) < 1e-9 for size in sizes.values())
    assert took_s < 10.0
    if answers:
        assert told.count("Closed: ") == len(sizes)
        assert told.count("node is stopping") == 1
