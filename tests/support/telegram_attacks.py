"""Everything that must not move the bot: strangers, groups, what was passed on or changed, old and forged."""

import time
from typing import Any

from tests.support.telegram_server import TelegramServer

STRANGER = 99
COMMANDS = (
    "/pause",
    "/resume",
    "/emergency_stop",
    "/flatten",
    "/disable momentum_scalper",
    "/enable momentum_scalper",
)
CODES = ("ZZZZ-ZZZZ", "", "0000-0000")
ATTACKS = 11 * len(COMMANDS) + 2 * 3 + 3 * len(CODES)
"""How many attempts one call makes."""


def attack(server: TelegramServer, *, viewer: int, owner: int) -> int:
    """Try to change something in every way that must not work, and return how often it was tried."""
    return (
        sum(_stolen(server, command, viewer, owner) for command in COMMANDS)
        + _stale(server, owner)
        + _codes(server, owner)
    )


def message(user_id: int, text: str) -> dict[str, Any]:
    """Return a message as it stands in an update."""
    person = {"id": user_id, "is_bot": False, "first_name": "P"}
    chat = {"id": user_id, "type": "private", "first_name": "P"}
    now = int(time.time())
    return {"message_id": 1, "date": now, "chat": chat, "from": person, "text": text, "edit_date": now}


def _stolen(server: TelegramServer, command: str, viewer: int, owner: int) -> int:
    """The command, but not an owner's own word in a private chat."""
    origin = {"type": "user", "date": int(time.time()), "sender_user": {"id": 1, "is_bot": False, "first_name": "X"}}
    server.write(STRANGER, command)
    server.write(owner, command, chat={"id": -100, "type": "supergroup", "title": "G"})
    server.write(owner, command, forward_origin=origin)
    server.write(owner, command, forward_date=int(time.time()))
    server.write(owner, command, via_bot={"id": 5, "is_bot": True, "first_name": "B"})
    server.write(owner, command, sender_chat={"id": -100, "type": "channel", "title": "C"})
    server.write(viewer, command)
    server.tap(STRANGER, f"r:{command[1:]}")
    server.tap(viewer, f"r:{command[1:]}")
    server.put({"edited_message": message(owner, command)})
    server.put({"channel_post": message(owner, command)})
    return 11


def _stale(server: TelegramServer, owner: int) -> int:
    for command in ("/pause", "/flatten", "/disable momentum_scalper"):
        server.write(owner, command, age_s=3_600)
        server.write(owner, command, age_s=-3_600)
    return 6


def _codes(server: TelegramServer, owner: int) -> int:
    for code in CODES:
        server.tap(owner, f"c:{code}")
        server.tap(STRANGER, f"c:{code}")
        server.write(owner, code or "x")
    return 3 * len(CODES)
