"""How fast the Telegram bot acts, and what moves it: ``python -m benchmarks.bot [ROUNDS [ATTACK_ROUNDS]]``.

A real `TradingNode` sends 100 orders a second, and 100 more rest at its venue, which is a client on this machine; the
Bot API is a server on this machine too. All moments are on CLOCK_MONOTONIC: a message counts from when that server has
it, so the figures hold what is ours, and not Telegram's own way; an order or cancel from when the client is told to
send it.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.kill import ORDERS, WATCHED_S, _resting, _running
from benchmarks.latch import line
from sagetrade_nautilus.guard.journal import read
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.records import StateRecord
from sagetrade_nautilus.guard.state import State, StateChange
from sagetrade_nautilus.run.bot import TOKEN as TOKEN_NAME
from tests.support.live import Node
from tests.support.live_scenarios import RESTING
from tests.support.telegram_attacks import attack
from tests.support.telegram_server import TOKEN, TelegramServer, telegram

ROUNDS, ATTACK_ROUNDS = 50, 20
OWNER, VIEWER = 33, 11
EXPIRY_S = 11.0


def _after(node: Node, since_ns: int) -> list[dict[str, Any]]:
    return [entry for entry in node.log() if entry["at"] > since_ns]


def _last(entries: list[dict[str, Any]], kinds: tuple[str, ...], since_ns: int) -> int:
    return max((entry["at"] - since_ns for entry in entries if entry["what"] in kinds), default=0)


def _resume(server: TelegramServer, node: Node) -> int:
    """Resume by a code, and return how long the first order took to leave after it was given."""
    before = len(server.sent(OWNER))
    asked = server.ask(OWNER, "/resume")
    server.tap(OWNER, asked.taps[0])
    given_ns = server.put_ns
    server.wait(OWNER, before + 3)
    server.until(lambda: any(entry["what"] in ORDERS for entry in _after(node, given_ns)))
    first = min(entry["at"] for entry in _after(node, given_ns) if entry["what"] in ORDERS)
    return int(first - given_ns)


def speed(server: TelegramServer, node: Node, rounds: int) -> None:
    """Stop and resume again and again; print how soon the last order left, and the first one again."""
    took: dict[str, list[int]] = {name: [] for name in ("pause", "stop", "cancels", "resume", "answer")}
    for _ in range(rounds):
        for command, name in (("/pause", "pause"), ("/emergency_stop", "stop")):
            node.wait(lambda: _resting(node.log()) >= RESTING)
            before = len(server.sent(OWNER))
            server.write(OWNER, command)
            said_ns = server.put_ns
            answer = server.wait(OWNER, before + 1)
            time.sleep(WATCHED_S)
            after = _after(node, said_ns)
            took[name].append(_last(after, ORDERS, said_ns))
            if name == "stop":
                took["cancels"].append(_last(after, ("cancel",), said_ns))
                took["answer"].append(round(answer.at * 1e9) - said_ns)
            took["resume"].append(_resume(server, node))
    print(line("from /pause to the last order that left (0: none)", took["pause"], "ms"))
    print(line("from /emergency_stop to the last order that left (0: none)", took["stop"], "ms"))
    print(line(f"from /emergency_stop to the last of {RESTING} cancels sent", took["cancels"], "ms"))
    print(line("from /emergency_stop to its answer", took["answer"], "ms"))
    print(line("from a resume's code to the first order", took["resume"], "ms"))


def attacks(server: TelegramServer, folder: Path, rounds: int) -> None:
    """Attack again and again, with replays, an expired code and a flood; print how often anything came of it."""
    tried = 0
    server.ask(OWNER, "/flatten")
    for _ in range(rounds):
        tried += attack(server, viewer=VIEWER, owner=OWNER)
    tried += _replays(server) + _expired(server) + _flood(server)
    server.ask(VIEWER, "/version")
    time.sleep(WATCHED_S)
    after = list(read(folder / "decisions.jsonl"))
    changed = [entry for entry in after if isinstance(entry, StateChange)]
    changed += [entry for entry in after if isinstance(entry, StateRecord) and entry.subject.startswith("strategy:")]
    print(
        f"strangers, groups, forwards, edits, replays, old words, forged and expired codes, a flood: {tried} attempts"
    )
    print(f"accepted: {len(changed)}/{tried}, the kill switch says {Latch(folder / 'latch.json').read().state}")


def _replays(server: TelegramServer) -> int:
    """Hear a question for a code once, and put the same update there again and again."""
    before = len(server.sent(OWNER))
    server.write(OWNER, "/flatten", update_id=7)
    server.wait(OWNER, before + 1)
    for _ in range(100):
        server.write(OWNER, "/flatten", update_id=7)
    return 100


def _expired(server: TelegramServer) -> int:
    asked = server.ask(OWNER, "/flatten")
    time.sleep(EXPIRY_S)
    for tap in asked.taps[:1]:
        server.tap(OWNER, tap)
    return 1


def _flood(server: TelegramServer) -> int:
    for number in range(1_000):
        server.write(1_000_000 + number, "/emergency_stop")
    return 1_000


def main(rounds: int, attack_rounds: int) -> None:
    """Measure, and print one line for each figure."""
    with tempfile.TemporaryDirectory() as name, telegram() as server:
        os.environ |= {TOKEN_NAME: TOKEN, "TELEGRAM_URL": server.url}
        for what in ("attacks", "speed"):
            folder = Path(name) / what
            folder.mkdir()
            assert _running(folder).read().state is State.RUNNING
            with Node(folder, "spoken", "beat") as node:
                node.wait(lambda node=node: _resting(node.log()) >= RESTING)
                if what == "attacks":
                    attacks(server, folder, attack_rounds)
                else:
                    speed(server, node, rounds)
                node.stop()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, ATTACK_ROUNDS)[len(given) :])
