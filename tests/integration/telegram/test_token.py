"""The bot's token and its people's passwords: without the one no node starts, and neither is shown."""

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.node.bot import bot_actors
from tests.support.telegram_node import OWNER, VIEWER, Talk, with_bot
from tests.support.telegram_server import TOKEN, Fault, TelegramServer


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


def test_a_password_that_comes_too_late_to_be_heard_is_deleted_all_the_same(
    crash: RunConfig, server: TelegramServer, tmp_path: Path
) -> None:
    Password(tmp_path / "latch.json").set("open sesame 4711")
    deleted: list[Any] = []

    def owner() -> None:
        server.ask(OWNER, "/disable momentum_scalper")
        server.tap(OWNER, server.ask(OWNER, "/enable momentum_scalper").taps[0])
        server.wait(OWNER, 4)
        numbers = [server.write(OWNER, "open sesame 4711", age_s=100.0) for _ in range(2)]
        assert "too long" in server.wait(OWNER, 5).text
        server.ask(OWNER, "/version")
        deleted.extend(int(call.values["message_id"]) for call in server.calls if call.method == "deleteMessage")
        assert deleted == numbers

    Talk(tmp_path, with_bot(crash, server, auto_approve=["disable"]), closed=1).run(server, owner)
    assert deleted


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
