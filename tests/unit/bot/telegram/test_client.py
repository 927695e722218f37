"""At the edge: what Telegram says becomes plain values, and the token shows nowhere."""

import logging

import pytest
from telegram import Update
from telegram.error import InvalidToken, NetworkError

from sagetrade_nautilus.bot.telegram.client import Client, mask
from sagetrade_nautilus.bot.telegram.updates import incoming_of
from sagetrade_nautilus.bot.telegram.wire import Incoming
from sagetrade_nautilus.secrets import Secret

TOKEN = Secret("4711:AAcAnArY-0123456789-abcdefghijklmnop")
PERSON = {"id": 7, "is_bot": False, "first_name": "P"}
CHAT = {"id": 7, "type": "private", "first_name": "P"}
MESSAGE = {"message_id": 5, "date": 1_800_000_000, "chat": CHAT, "from": PERSON, "text": "/status"}


def parsed(**update: object) -> Incoming | None:
    made = Update.de_json({"update_id": 3, **update}, None)
    assert made is not None
    return incoming_of(made)


def test_a_message_becomes_plain_values() -> None:
    assert parsed(message=MESSAGE) == Incoming(
        update_id=3, user_id=7, chat_id=7, message_id=5, sent_s=1_800_000_000.0, text="/status"
    )


def test_a_tap_says_no_time_and_holds_no_text() -> None:
    tap = {"id": "9", "from": PERSON, "chat_instance": "1", "data": "p:1:0", "message": MESSAGE}
    assert parsed(callback_query=tap) == Incoming(
        update_id=3, user_id=7, chat_id=7, message_id=5, tap="p:1:0", tap_id="9"
    )


@pytest.mark.parametrize(
    "more",
    [
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"}},
        {"forward_date": 1},
        {"via_bot": {"id": 5, "is_bot": True, "first_name": "B"}},
        {"sender_chat": {"id": -100, "type": "channel", "title": "C"}},
    ],
)
def test_what_somebody_else_wrote_is_told_as_passed_on(more: dict[str, object]) -> None:
    found = parsed(message={**MESSAGE, **more})
    assert found is not None
    assert found.is_forwarded


def test_a_change_of_a_message_a_group_and_a_bot_are_told_as_such() -> None:
    edited = parsed(edited_message={**MESSAGE, "edit_date": 1_800_000_001})
    group = parsed(message={**MESSAGE, "chat": {"id": -100, "type": "supergroup", "title": "G"}})
    bot = parsed(message={**MESSAGE, "from": {**PERSON, "is_bot": True}})
    assert edited is not None
    assert edited.is_edited
    assert group is not None
    assert not group.is_private
    assert bot is not None
    assert bot.is_bot


@pytest.mark.parametrize("update", [{}, {"channel_post": MESSAGE}, {"message": {**MESSAGE, "from": None}}])
def test_what_is_nobodys_word_is_nothing(update: dict[str, object]) -> None:
    assert parsed(**update) is None


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "telegram.Bot"])
def test_the_libraries_that_know_the_token_log_it_masked(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, name)
    Client(TOKEN, "http://127.0.0.1:1", lambda line: None)
    address = f"https://api.telegram.org/bot{TOKEN.reveal()}/getMe"
    logger = logging.getLogger(name)
    logger.info('HTTP Request: %s %s "%s"', "POST", address, 200)
    logger.error("it failed", exc_info=InvalidToken(f"The token `{TOKEN.reveal()}` was rejected"))
    assert "HTTP Request: POST https://api.telegram.org/botSecret(***)/getMe" in caplog.text
    assert TOKEN.reveal().partition(":")[2] not in caplog.text


def test_what_people_write_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Client(TOKEN, "http://127.0.0.1:1", lambda line: None)
    logging.getLogger("telegram.Bot").debug("finished with return value `%s`", {"text": "a long password"})
    assert caplog.records == []


def test_what_telegram_says_of_an_error_is_told_without_the_token() -> None:
    client = Client(TOKEN, "http://127.0.0.1:1", lambda line: None)
    for error in (InvalidToken(f"`{TOKEN.reveal()}`"), NetworkError(f"/bot{TOKEN.reveal()}/x")):
        assert TOKEN.reveal().partition(":")[2] not in client._said(error)
    assert TOKEN.reveal().partition(":")[2] not in repr(vars(client))
    assert mask("AAcAnArY-0123456789-abcdefghijklmnop!", TOKEN) == "Secret(***)!"
