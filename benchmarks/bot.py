"""How fast the Telegram bot acts, and what moves it: ``python -m benchmarks.bot [ROUNDS [ATTACK_ROUNDS]]``.

A real `TradingNode` sends 100 orders a second, and 100 more rest at its venue, which is a client on this machine; the
bot is the whole one, as it ships, needs no code for /pause, and has its Bot API on this machine too. All moments are on
CLOCK_MONOTONIC: a message counts from when that server has it, so the figures hold what is ours, and not Telegram's own
way; an order or cancel from when the client is told to send it; the latch from when its new record was made.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.command import Command, from_one
from benchmarks.kill import ORDERS, WATCHED_S, resting, running
from benchmarks.latch import line
from sagetrade_nautilus.bot.notices.hearers import OFF
from sagetrade_nautilus.bot.store import NAME, BotFile, Settings
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.run.node.bot import TOKEN as TOKEN_NAME
from tests.support.live import Node
from tests.support.live_scenarios import RESTING
from tests.support.telegram_attacks import attack
from tests.support.telegram_server import TOKEN, TelegramServer, telegram

ROUNDS, ATTACK_ROUNDS = 50, 20
OWNER, VIEWER = 33, 11
QUIET = Settings(choices={"notices": OFF, "daily": OFF, "weekly": OFF})
"""They are told nothing unasked, so that each message to them is an answer."""
EXPIRY_S = 11.0
CALM_S = 1.0
CHANGES = ("/flatten", "/enable trader", "/disable trader", "/resume")


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


def _act(server: TelegramServer, node: Node, command: str) -> dict[str, int]:
    """Give a command, and return what came of it, nanoseconds after the server had it; `latched` too."""
    before = len(server.sent(OWNER))
    server.write(OWNER, command)
    said_ns = server.put_ns
    answer = server.wait(OWNER, before + 1)
    time.sleep(WATCHED_S)
    after = _after(node, said_ns)
    latched_ns = Latch(node.folder / "latch.json").read().ts - (time.time_ns() - time.monotonic_ns())
    return {
        "last order": _last(after, ORDERS, said_ns),
        "last order after the latch": max(0, said_ns + _last(after, ORDERS, said_ns) - latched_ns),
        "latch": latched_ns - said_ns,
        "last cancel": _last(after, ("cancel",), said_ns),
        "answer": round(answer.at * 1e9) - said_ns,
    }


def speed(server: TelegramServer, node: Node, rounds: int) -> None:
    """Stop and resume again and again, in the calm and while the node refills its book; print how soon.

    In the calm all orders rest and one leaves every 10 ms; right after a resume the node sends 100 orders at once, and
    whatever comes then waits its turn on the node's event loop.
    """
    took: dict[tuple[str, bool], list[dict[str, int]]] = {}
    resumed: list[int] = []
    for _ in range(rounds):
        for calm in (True, False):
            for command in ("/pause", "/emergency_stop"):
                if calm:
                    node.wait(lambda: resting(node.log()) >= RESTING)
                    time.sleep(CALM_S)
                took.setdefault((command, calm), []).append(_act(server, node, command))
                resumed.append(_resume(server, node))
    for (command, calm), found in took.items():
        print(f"{command}, {'in the calm' if calm else 'while the node refills its book'}:")
        for name in found[0]:
            if any(one[name] for one in found) or name.startswith("last order"):  # a pause cancels nothing
                print(line(f"  to the {name}", [one[name] for one in found], "ms"))
    print(line("from a resume's code to the first order", resumed, "ms"))


def attacks(server: TelegramServer, folder: Path, rounds: int) -> None:
    """Attack again and again, with replays, an expired code and a flood; print how often anything came of it."""
    tried = 0
    server.ask(OWNER, "/flatten")
    for _ in range(rounds):
        tried += attack(server, viewer=VIEWER, owner=OWNER)
    tried += _replays(server) + _expired(server) + _flood(server) + _own_flood(server)
    server.ask(VIEWER, "/version")
    time.sleep(WATCHED_S)
    after = list(read(folder / "decisions.jsonl"))
    changed = [entry for entry in after if isinstance(entry, StateChange)]
    changed += [entry for entry in after if isinstance(entry, StateRecord) and entry.subject.startswith("strategy:")]
    print(f"strangers, groups, forwards, edits, replays, old words, forged and expired codes, floods: {tried} attempts")
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


def _own_flood(server: TelegramServer) -> int:
    """Have the owner ask for changes without end, and confirm none: each wish is shown, and its code let pass."""
    for _ in range(25):
        for command in CHANGES:
            server.write(OWNER, command)
    return 25 * len(CHANGES)


def main(rounds: int, attack_rounds: int) -> None:
    """Measure, and print one line for each figure."""
    with tempfile.TemporaryDirectory() as name, telegram() as server:
        os.environ |= {TOKEN_NAME: TOKEN, "TELEGRAM_URL": server.url}
        for what in ("attacks", "speed"):
            folder = Path(name) / what
            folder.mkdir()
            assert running(folder).read().state is State.RUNNING
            (folder / NAME).write_bytes(msgspec.json.encode(BotFile(users={str(OWNER): QUIET, str(VIEWER): QUIET})))
            with Node(folder, "spoken", "beat") as node:
                node.wait(lambda node=node: resting(node.log()) >= RESTING)
                if what == "attacks":
                    attacks(server, folder, attack_rounds)
                else:
                    speed(server, node, rounds)
                node.stop()


def command() -> Command:
    parser = Command("bot", __doc__, "ten to twenty minutes")
    parser.add_argument("rounds", type=from_one, nargs="?", default=ROUNDS, help="stops of each kind (%(default)s)")
    parser.add_argument(
        "attack_rounds", type=from_one, nargs="?", default=ATTACK_ROUNDS, help="turns of every attack (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    given = command().parse_args()
    main(given.rounds, given.attack_rounds)
