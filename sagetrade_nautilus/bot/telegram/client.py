"""The edge to Telegram: python-telegram-bot's `Bot` on one side, plain values on the other.

The token is in every address that is asked for, and in some messages of the library's own errors; nothing of these is
passed on but the name of the error and what Telegram says of it, without the token.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from warnings import filterwarnings

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from sagetrade_nautilus.bot.telegram.outbox import RefusedError, RetryError
from sagetrade_nautilus.bot.telegram.updates import incoming_of
from sagetrade_nautilus.bot.telegram.wire import Delete, Edit, Incoming, Menu, Outgoing, Rows, Send, TapHeard
from sagetrade_nautilus.secrets import MASK, Secret

KINDS: Final = ["message", "callback_query"]
POLL_S: Final = 20.0
TIMEOUT_S: Final = 10.0
BACK_OFF_S_MIN: Final = 0.5
BACK_OFF_S_MAX: Final = 30.0
CONFLICT_S: Final = 10.0
IDLE_S_MAX: Final = 6 * 86_400.0
"""Telegram begins to count updates anew, anywhere, when there were none for a week: then no number is asked for."""
LOGGERS: Final = ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "telegram.Bot", "telegram.request")


class _Masking(logging.Filter):
    """Takes the token out of every record of the libraries that know it, and what people wrote out of the log: at the
    level DEBUG python-telegram-bot logs all that comes and goes, passwords among it.
    """

    def __init__(self, token: Secret) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("telegram") and record.levelno < logging.INFO:
            return False
        message = record.getMessage()
        if self._token.reveal() in message:
            record.msg, record.args = mask(message, self._token), ()
        record.exc_info, record.exc_text = None, None  # a traceback's last line may hold an address
        return True


def mask(text: str, token: Secret) -> str:
    """Return `text` without the token, or the secret half of it."""
    whole = token.reveal()
    for part in (whole, whole.partition(":")[2]):
        text = text.replace(part, MASK) if part else text
    return text


class _RawBot(Bot):
    """The library's bot, which can also tell updates as they came, and does not show its token."""

    def __repr__(self) -> str:
        return MASK

    async def raw_updates(self, offset: int | None) -> Any:
        """Wait for updates from `offset` on and return what Telegram says."""
        asked = {"timeout": round(POLL_S), "allowed_updates": KINDS, "offset": offset}
        return await self._post("getUpdates", asked, read_timeout=POLL_S + TIMEOUT_S)


class Client:
    """One bot at one Bot API.

    Parameters
    ----------
    token : Secret
        The bot's.
    base_url : str
        Where the Bot API is, without '/bot'.
    tell : callable
        Told in a line what goes wrong; never the token.
    """

    def __init__(self, token: Secret, base_url: str, tell: Callable[[str], None]) -> None:
        self._token = token
        self._tell = tell
        self._filter = _Masking(token)
        filterwarnings("ignore", category=PTBDeprecationWarning, message=".*retry_after")  # both of its types will do
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self._filter)
        self._bot = _RawBot(
            token.reveal(),
            base_url=f"{base_url}/bot",
            request=_connections(4),
            get_updates_request=_connections(1),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        with suppress(Exception):  # whatever they say, they are not used any more
            for request in self._bot._request:
                await request.shutdown()
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self._filter)

    async def updates(self) -> AsyncIterator[Incoming]:
        """Yield what people send, for ever; what cannot be reached is asked again, after longer and longer."""
        offset: int | None = None
        failures, last_s = 0, time.monotonic()
        while True:
            try:
                found = await self._poll(offset)
                failures = 0
            except TelegramError as error:
                failures += 1
                self._tell(f"Telegram cannot be heard: {self._said(error)}")
                await asyncio.sleep(_back_off_s(error, failures))
                continue
            for raw in found:
                offset, last_s = int(raw["update_id"]) + 1, time.monotonic()
                incoming = self._parsed(raw)
                if incoming is not None:
                    yield incoming
            if time.monotonic() - last_s > IDLE_S_MAX:
                offset = None

    async def _poll(self, offset: int | None) -> list[dict[str, Any]]:
        """Return the next updates as they came: one that cannot be read must not keep back those behind it."""
        found = await self._bot.raw_updates(offset)
        if not isinstance(found, list) or not all(isinstance(raw, dict) and "update_id" in raw for raw in found):
            raise NetworkError("what it answers is no list of updates")
        return found

    def _parsed(self, raw: dict[str, Any]) -> Incoming | None:
        try:
            update = Update.de_json(raw, None)
            return None if update is None else incoming_of(update)
        except Exception as error:  # noqa: BLE001 - the library raises anything for what it does not expect
            self._tell(f"an update from Telegram cannot be read: {type(error).__name__}")
            return None

    async def deliver(self, outgoing: Outgoing) -> None:
        """Send one thing.

        Raises
        ------
        RetryError
            Telegram cannot be reached, has a fault, or asks to wait.
        RefusedError
            It will never take this.
        """
        try:
            await self._send(outgoing)
        except RetryAfter as error:
            raise RetryError("it asks to wait", _seconds(error)) from None
        except (BadRequest, Forbidden) as error:
            raise RefusedError(self._said(error)) from None
        except TelegramError as error:
            raise RetryError(self._said(error)) from None

    async def _send(self, outgoing: Outgoing) -> None:
        match outgoing:
            case Send():
                await self._message(outgoing)
            case Edit():
                await self._bot.edit_message_text(
                    outgoing.text,
                    chat_id=outgoing.chat_id,
                    message_id=outgoing.message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_keyboard(outgoing.rows),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
            case Delete():
                await self._bot.delete_message(outgoing.chat_id, outgoing.message_id)
            case TapHeard():
                await self._bot.answer_callback_query(outgoing.tap_id)
            case Menu():
                commands = [BotCommand(name, what[:256]) for name, what in outgoing.commands]
                await self._bot.set_my_commands(commands, scope=BotCommandScopeChat(outgoing.chat_id))

    async def _message(self, send: Send) -> None:
        """Send a text, with its picture above it where there is one."""
        keyboard = _keyboard(send.rows)
        if send.picture is not None:
            await self._bot.send_photo(
                send.chat_id,
                InputFile(send.picture, filename="chart.png"),
                caption=send.text or None,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
            )
            return
        await self._bot.send_message(
            send.chat_id,
            send.text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    def _said(self, error: TelegramError) -> str:
        hint = "; is TELEGRAM_TOKEN right?" if isinstance(error, InvalidToken) else ""
        return mask(f"{type(error).__name__}: {error.message}{hint}", self._token)


def _connections(count: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=count, read_timeout=TIMEOUT_S, write_timeout=TIMEOUT_S, connect_timeout=TIMEOUT_S
    )


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.label, callback_data=button.tap) for button in row] for row in rows]
    )


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _back_off_s(error: TelegramError, failures: int) -> float:
    if isinstance(error, RetryAfter):
        return _seconds(error)
    if isinstance(error, Conflict):  # another process asks with the same token
        return CONFLICT_S
    if isinstance(error, InvalidToken):
        return BACK_OFF_S_MAX
    return min(BACK_OFF_S_MAX, BACK_OFF_S_MIN * 2.0 ** min(failures - 1, 10)) * random.uniform(0.75, 1.25)  # noqa: S311
