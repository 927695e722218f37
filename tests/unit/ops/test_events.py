"""What a run did, as lines that can be joined: from the decision by its id to the trade's end by its own."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus.ops.actor import OpsActor, OpsActorConfig
from sagetrade_nautilus.ops.logs import events_to
from tests.support.plugin import FLAT, play


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The lines of one trade whose take-profit fills."""
    folder = tmp_path_factory.mktemp("run")
    log = os.open(folder / "log.jsonl", os.O_WRONLY | os.O_CREAT)
    with events_to(log):
        play(
            folder,
            closes=[*FLAT[:6], *[41_000.0] * 5],
            prepare=lambda made, plugin: made.add_actor(OpsActor(OpsActorConfig())),
        )
    os.close(log)
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_decision_leads_to_its_trade_and_the_trade_to_its_orders_and_end(lines: list[dict[str, Any]]) -> None:
    decision = next(line for line in lines if line["event.action"] == "decision-taken")
    assert decision["labels.decision_id"].startswith("p@")
    trade = [line for line in lines if line.get("labels.trade_id") == decision["labels.trade_id"]]
    actions = {line["event.action"] for line in trade}
    assert {"decision-taken", "order-initialized", "order-filled", "trade-closed"} <= actions
    assert {line["labels.role"] for line in trade if "labels.role" in line} == {"entry", "take_profit", "stop_loss"}


def test_a_line_says_what_happened_in_words(lines: list[dict[str, Any]]) -> None:
    said = [line["message"] for line in lines]
    assert any(text.startswith("p buy BTCUSDT.BINANCE: taken: ") for text in said)
    assert any(" filled: 0.25" in text for text in said)
    assert any(text.startswith("trade closed: ") for text in said)


def test_nothing_is_written_where_the_log_goes_to_a_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    play(tmp_path, closes=FLAT[:5], prepare=lambda made, plugin: made.add_actor(OpsActor(OpsActorConfig())))
    assert "decision" not in "".join(capfd.readouterr())
