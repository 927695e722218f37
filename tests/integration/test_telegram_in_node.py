"""The bot in a real node at a Bot API of the tests' own: people talk to it side by side while the node trades."""

import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.bot.telegram import client as client_module
from sagetrade_nautilus.bot.telegram import outbox as outbox_module
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.guard.journal import read
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.password import Password
from sagetrade_nautilus.guard.records import OrderRecord, StateRecord
from sagetrade_nautilus.guard.state import State, StateChange
from sagetrade_nautilus.run.bot import bot_actors
from sagetrade_nautilus.run.compare import JOURNAL
from sagetrade_nautilus.run.replay import replay
from tests.support.telegram_attacks import ATTACKS, STRANGER, attack, message
from tests.support.telegram_node import OWNER, TRADER, VIEWER, Talk, token, two_days, with_bot
from tests.support.telegram_server import TOKEN, Fault, TelegramServer, telegram


@pytest.fixture(scope="module")
def crash(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    return two_days(project_root, tmp_path_factory.mktemp("catalog"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramServer]:
    monkeypatch.setattr(outbox_module, "RETRY_S_MIN", 0.02)
    monkeypatch.setattr(client_module, "BACK_OFF_S_MAX", 0.1)
    with telegram() as server, token(monkeypatch):
        yield server


def orders(folder: Path) -> list[OrderRecord]:
    return [line for line in read(folder / JOURNAL) if isinstance(line, OrderRecord)]


def state(folder: Path) -> State:
    return Latch(folder / "latch.json").read().state


@pytest.mark.slow
def test_several_people_talk_to_it_side_by_side_while_it_trades(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def viewer() -> None:
        for command in ("/status", "/open_positions", "/risk", "/signal BTC", "/daily", "/health"):
            assert server.ask(VIEWER, command).text
        assert "needs the role" in server.ask(VIEWER, "/pause").text

    def trader() -> None:
        assert "r:settings language ar" in server.ask(TRADER, "/settings").taps
        before = len(server.sent(TRADER))
        server.tap(TRADER, "r:settings language ar")
        assert "بالعربية" in server.wait(TRADER, before + 1).text
        for command in ("/status", "/portfolio", "/trades", "/strategies", "/why"):
            assert re.search("[\u0600-\u06ff]", server.ask(TRADER, command).text)

    def owner() -> None:
        for _ in range(2):
            for command, after in (("/pause", State.NO_ENTRIES), ("/resume", State.RUNNING)):
                asked = server.ask(OWNER, command)
                before = len(server.sent(OWNER))
                server.tap(OWNER, asked.taps[0])
                server.wait(OWNER, before + 2)
                assert state(tmp_path) is after

    played = Talk(tmp_path, with_bot(crash, server)).run(server, viewer, trader, owner, speed=1_200.0)
    assert played.summary is not None
    menus = [call for call in server.calls if call.method == "setMyCommands"]
    assert len(menus) >= 3
    by = {line.by for line in read(tmp_path / JOURNAL) if isinstance(line, StateChange)}
    assert by == {f"telegram:{OWNER}"}


def test_between_pause_and_resume_no_entry_leaves_and_positions_are_managed(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    talk = Talk(tmp_path, with_bot(crash, server, auto_approve=["pause"]), closed=1)
    played = talk.run(server, lambda: server.ask(TRADER, "/pause"))
    assert played.summary is not None
    records = list(read(tmp_path / JOURNAL))
    at = next(place for place, line in enumerate(records) if isinstance(line, StateChange))
    late = [line for line in records[at:] if isinstance(line, OrderRecord) and line.event == "submitted"]
    assert [line for line in late if "entry" in line.tags] == []
    assert any(
        line.event == "filled" and "entry" not in line.tags for line in records[at:] if isinstance(line, OrderRecord)
    )


def test_an_emergency_stop_halts_a_node_that_is_busy_and_says_how_fast(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    said: list[str] = []
    talk = Talk(tmp_path, with_bot(crash, server), closed=2)
    talk.run(server, lambda: said.append(server.ask(TRADER, "/emergency_stop").text))
    assert re.search(r"Halted.*after \d+\.\d ms", said[0])
    assert re.search(r"Orders cancelled: \d+, sent within \d+\.\d ms", said[0])
    records = list(read(tmp_path / JOURNAL))
    at = next(place for place, line in enumerate(records) if isinstance(line, StateChange))
    assert (records[at].by, records[at].after) == (f"telegram:{TRADER}", State.HALTED)  # type: ignore[union-attr]
    assert not [line for line in records[at:] if isinstance(line, OrderRecord) and line.event == "submitted"]


@pytest.mark.slow
def test_flatten_closes_what_is_open(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    said: list[str] = []
    talk = Talk(tmp_path, with_bot(crash, server, auto_approve=["flatten"]), closed=2)

    def trader() -> None:
        server.write(TRADER, "/flatten")
        server.until(lambda: state(tmp_path) is State.HALTED)
        talk.play("1200")  # so that the venue can answer, and the day is not over before it did
        said.append(server.wait(TRADER, 1).text)

    played = talk.run(server, trader)
    assert played.summary is not None
    assert played.summary.open_pnl == 0.0
    assert re.search(r"Positions closed: [1-9], within \d+\.\d s\. Nothing is open", said[0])


@pytest.mark.slow
def test_a_trade_is_explained_from_the_journal_by_a_tap(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    said: list[str] = []

    def viewer() -> None:
        trades = server.ask(VIEWER, "/trades 2")
        tap = next(tap for tap in trades.taps if tap.startswith("r:explain"))
        server.tap(VIEWER, tap)
        said.append(server.wait(VIEWER, 2).text)
        said.append(server.ask(VIEWER, "/performance").text)

    Talk(tmp_path, with_bot(crash, server), closed=3).run(server, viewer)
    assert "What it is made of" in said[0]
    assert "Trades: <b>3</b>" in said[1] or "Trades: <b>4</b>" in said[1]


@pytest.mark.slow
def test_a_bot_changes_nothing_of_what_the_node_does(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    plain, spoken = tmp_path / "plain", tmp_path / "spoken"
    replay(crash, plain)

    def viewer() -> None:
        for _ in range(5):
            server.ask(VIEWER, "/status")

    Talk(spoken, with_bot(crash, server), closed=1).run(server, viewer)
    assert orders(plain) == orders(spoken)


def test_it_is_not_starved_by_a_replay_that_never_waits(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    answered: list[float] = []
    done: list[bool] = []

    def viewer() -> None:
        while not done and len(answered) < 5:
            began = time.monotonic()
            server.ask(VIEWER, "/version")
            answered.append(time.monotonic() - began)

    Talk(tmp_path, with_bot(crash, server)).run(server, viewer)
    assert len(answered) == 5
    assert max(answered) < 2.0


# Attacks


def test_no_attack_changes_anything(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    tried: list[int] = []

    def attacker() -> None:
        server.ask(OWNER, "/pause")  # so that a code is out
        tried.append(attack(server, viewer=VIEWER, owner=OWNER))
        server.write(TRADER, "/version")
        server.wait(TRADER)
        time.sleep(0.2)

    Talk(tmp_path, with_bot(crash, server, messages_per_minute=1_000, auto_approve=[]), closed=1).run(server, attacker)
    records = list(read(tmp_path / JOURNAL))
    assert tried[0] == ATTACKS
    assert [line for line in records if isinstance(line, StateChange)] == []
    assert [line for line in records if isinstance(line, StateRecord) and line.subject.startswith("strategy:")] == []
    assert state(tmp_path) is State.RUNNING
    assert [call for call in server.calls if call.values.get("chat_id") in (str(STRANGER), "-100")] == []
    refused = {line.by for line in records if isinstance(line, StateRecord) and line.state.startswith("refused")}
    assert {f"telegram:{STRANGER}", f"telegram:{VIEWER}", f"telegram:{OWNER}"} <= refused


def test_an_update_that_comes_again_is_heard_once(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    def trader() -> None:
        server.write(TRADER, "/disable momentum_scalper", update_id=50)
        server.wait(TRADER)
        for _ in range(5):
            server.write(TRADER, "/disable momentum_scalper", update_id=50)
        server.ask(VIEWER, "/version")

    Talk(tmp_path, with_bot(crash, server, auto_approve=["disable"]), closed=1).run(server, trader)
    records = list(read(tmp_path / JOURNAL))
    switched = [line for line in records if isinstance(line, StateRecord) and line.subject.startswith("strategy:")]
    assert [(line.state, line.by) for line in switched] == [("disabled", f"telegram:{TRADER}")]
    assert len(server.sent(TRADER)) == 1


def test_a_flood_is_not_answered_and_keeps_no_stop_out(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def trader() -> None:
        for _ in range(200):
            server.write(TRADER, "/version")
        server.write(TRADER, "/emergency_stop")
        server.wait(TRADER, 12)
        assert state(tmp_path) is State.HALTED

    Talk(tmp_path, with_bot(crash, server, messages_per_minute=10), closed=1).run(server, trader)
    assert len([call for call in server.sent(TRADER) if "SageTrade" in call.text]) == 10
    assert len([call for call in server.sent(TRADER) if "too much at once" in call.text]) == 1


def test_a_flood_of_wishes_by_a_known_person_changes_nothing_and_keeps_no_stop_out(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def trader() -> None:
        for number in range(200):
            server.write(TRADER, ("/pause", "/flatten", "/disable momentum_scalper", "ZZZZ-ZZZZ")[number % 4])
        server.until(lambda: any("too much at once" in call.text for call in server.sent(TRADER)))
        assert "running" in server.ask(VIEWER, "/status").text
        assert state(tmp_path) is State.RUNNING
        server.write(TRADER, "/emergency_stop")
        server.until(lambda: state(tmp_path) is State.HALTED)

    Talk(tmp_path, with_bot(crash, server, messages_per_minute=40), closed=1).run(server, trader)
    changes = [record for record in read(tmp_path / JOURNAL) if isinstance(record, StateChange)]
    assert [change.after for change in changes] == [State.HALTED]


def test_a_hundred_stops_halt_once_and_the_node_still_answers(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def trader() -> None:
        for _ in range(100):
            server.write(TRADER, "/emergency_stop")
        assert "halted" in server.ask(VIEWER, "/status").text

    Talk(tmp_path, with_bot(crash, server), closed=1).run(server, trader)
    assert len([line for line in read(tmp_path / JOURNAL) if isinstance(line, StateChange)]) == 1
    assert 1 <= len(server.sent(TRADER)) < 100


# Faults


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 429, "retry_after": 1}, id="429"),
        pytest.param({"status": 500, "times": 3}, id="500"),
        pytest.param({"status": 502, "times": 3}, id="502"),
        pytest.param({"cut": True, "times": 3}, id="cut"),
        pytest.param({"hang_s": 0.5, "cut": True}, id="hang"),
    ],
)
@pytest.mark.parametrize("method", ["sendMessage", "getUpdates"])
def test_what_telegram_does_wrong_delays_answers_and_loses_none(
    crash: RunConfig, server: TelegramServer, tmp_path: Path, method: str, fault: dict[str, Any]
) -> None:
    texts = ["/version", "/settings", "/help"]

    def viewer() -> None:
        server.ask(VIEWER, "/balance")
        server.faults.append(Fault(method, **fault))
        for text in texts:
            server.write(VIEWER, text)
        server.wait(VIEWER, 4)

    played = Talk(tmp_path, with_bot(crash, server), closed=1).run(server, viewer)
    assert played.summary is not None
    heads = [call.text.split("\n")[0] for call in server.sent(VIEWER)]
    assert [re.sub("<[^>]*>", "", head).split()[0] for head in heads] == [
        "Account",
        "SageTrade",
        "Settings",
        "Commands",
    ]


@pytest.mark.slow
def test_a_node_trades_though_telegram_is_not_there(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    config = with_bot(crash, server)
    server.close()
    plain, alone = tmp_path / "plain", tmp_path / "alone"
    replay(crash, plain)
    assert replay(config, alone).summary is not None
    assert orders(plain) == orders(alone)


@pytest.mark.slow
def test_a_token_that_telegram_does_not_know_ends_no_trading_and_is_not_shown(
    crash: RunConfig,
    server: TelegramServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN.replace("4711", "4712"))
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx")  # other modules keep it quiet
    assert replay(with_bot(crash, server), tmp_path).summary is not None
    assert TOKEN.partition(":")[2] not in caplog.text


def test_an_update_that_makes_no_sense_keeps_nothing_back(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    def viewer() -> None:
        server.put({"message": {"message_id": "x", "date": "never"}})
        server.put({"message": message(VIEWER, "") | {"from": None}})
        server.put({"callback_query": {"id": 3}})
        server.put({"poll": {}})
        assert server.ask(VIEWER, "/version").text

    Talk(tmp_path, with_bot(crash, server), closed=1).run(server, viewer)


# The token


def test_the_token_stands_in_no_log_file_or_message(
    crash: RunConfig,
    server: TelegramServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx")  # other modules keep it quiet

    def viewer() -> None:
        server.faults += [
            Fault("sendMessage", status=500),
            Fault("sendMessage", status=401),
            Fault("getUpdates", status=404),
        ]
        for command in ("/version", "/status", "/health"):
            server.ask(VIEWER, command)

    Talk(tmp_path, with_bot(crash, server), closed=1).run(server, viewer)
    assert "httpx" in {record.name for record in caplog.records}
    said = caplog.text + "".join(capfd.readouterr()) + "".join(call.text for call in server.sent())
    secret = TOKEN.partition(":")[2]
    assert "Secret(***)" in caplog.text
    assert secret not in said
    assert [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []


def test_a_password_opens_and_stands_in_no_log_file_or_message(
    crash: RunConfig, server: TelegramServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx")  # other modules keep it quiet
    secret = "open sesame 4711"  # noqa: S105 - of nobody
    Password(tmp_path / "latch.json").set(secret)
    deleted: list[Any] = []

    def owner() -> None:
        server.tap(OWNER, server.ask(OWNER, "/disable momentum_scalper").taps[0])
        server.wait(OWNER, 3)
        server.tap(OWNER, server.ask(OWNER, "/enable momentum_scalper").taps[0])
        server.wait(OWNER, 6)
        number = server.write(OWNER, secret)
        assert "may enter" in server.wait(OWNER, 7).text
        deleted.extend(call.values for call in server.calls if call.method == "deleteMessage")
        assert deleted == [{"chat_id": str(OWNER), "message_id": str(number)}]

    Talk(tmp_path, with_bot(crash, server), closed=1).run(server, owner)
    switched = [
        line for line in read(tmp_path / JOURNAL) if isinstance(line, StateRecord) and "strategy:" in line.subject
    ]
    assert [line.state for line in switched] == ["disabled", "enabled"]
    assert secret not in caplog.text + "".join(call.text for call in server.sent())
    assert [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []


def test_without_a_token_no_node_starts(
    crash: RunConfig, server: TelegramServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TELEGRAM_TOKEN")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="TELEGRAM_TOKEN is not set"):
        bot_actors(with_bot(crash, server), tmp_path)
    assert bot_actors(crash, tmp_path) == []


def test_the_bots_settings_hold_no_token(crash: RunConfig, server: TelegramServer, tmp_path: Path) -> None:
    settings = bot_actors(with_bot(crash, server), tmp_path)
    assert TOKEN.partition(":")[2].encode() not in msgspec.json.encode(settings) + repr(settings).encode()
