"""A bot in a real node while Telegram fails, is away or sends nonsense."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.replay import replay
from tests.support.telegram_attacks import message
from tests.support.telegram_node import VIEWER, Talk, orders, with_bot
from tests.support.telegram_server import TOKEN, Fault, TelegramServer


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
