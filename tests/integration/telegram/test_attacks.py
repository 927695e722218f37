"""What strangers, floods and repeats make of a bot in a real node: nothing."""

import time
from pathlib import Path

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.run.files import JOURNAL
from tests.support.telegram_attacks import ATTACKS, STRANGER, attack
from tests.support.telegram_node import OWNER, TRADER, VIEWER, Talk, state, with_bot
from tests.support.telegram_server import TelegramServer


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
