"""telethon's own message objects; only the connection is a stand-in, since its servers speak a protocol of theirs."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.news.source import SourceError, SourceOffError
from adapters.news.telegram import TelegramSource, client, post_of, told
from sagetrade_nautilus.data import RawText

telethon = pytest.importorskip("telethon", reason="needs telethon: pip install 'sagetrade-nautilus[news]'")
KEYS = {"TELEGRAM_API_ID": "1", "TELEGRAM_API_HASH": "CANARY", "TELEGRAM_SESSION": ""}
WHEN = dt.datetime(2022, 1, 3, 10, tzinfo=dt.UTC)


def message(number: int, text: str | None = "Bitcoin rises\n\nIt does.", date: dt.datetime | None = WHEN) -> Any:
    made = telethon.tl.types.Message(number, telethon.tl.types.PeerChannel(5), date=date, message=text)
    made._chat = telethon.tl.types.Channel(
        id=5, title="News", photo=telethon.tl.types.ChatPhotoEmpty(), date=WHEN, username="newswire"
    )
    return made


class Line:
    """Stands for telethon's connection: a backlog, then messages that are pushed, then it breaks."""

    def __init__(self, backlog: list[Any], pushed: list[Any], authorized: bool = True) -> None:
        self.backlog, self.pushed, self.authorized = backlog, pushed, authorized
        self.disconnected: Any = None
        self.open = False

    async def connect(self) -> None:
        self.open = True
        self.disconnected = asyncio.get_running_loop().create_future()

    async def is_user_authorized(self) -> bool:
        return self.authorized

    def add_event_handler(self, handler: Any, event: Any) -> None:
        async def push() -> None:
            for one in self.pushed:
                await handler(type("Event", (), {"message": one}))
                await asyncio.sleep(0.01)
            self.disconnected.set_result(None)

        self.task = asyncio.ensure_future(push())

    async def iter_messages(self, channel: str, limit: int, wait_time: int) -> AsyncIterator[Any]:
        for one in self.backlog:
            if isinstance(one, Exception):
                raise one
            yield one

    async def disconnect(self) -> None:
        self.open = False


def read(line: Line, found: list[RawText]) -> None:
    keys = {**KEYS, "TELEGRAM_SESSION": "CANARY"}
    source = TelegramSource(["newswire"], keys.get, connect=lambda *given: line, clock=lambda: 9 * 10**18)

    async def collect() -> None:
        async for text in source.texts():
            found.append(text)

    asyncio.run(asyncio.wait_for(collect(), 10))


def test_a_message_becomes_a_post_of_its_channel() -> None:
    post = post_of(message(17))
    assert (post.title, post.body, post.source) == ("Bitcoin rises", "It does.", "telegram:newswire")
    assert post.url == "https://t.me/newswire/17"
    assert post.published_ns == 1_641_204_000_000_000_000


def test_a_picture_without_words_has_no_title() -> None:
    assert post_of(message(1, None)).title == ""


def test_backlog_and_pushed_messages_come_once_until_the_connection_breaks() -> None:
    found: list[RawText] = []
    line = Line([message(1, "one"), message(2, "two"), message(9, None)], [message(2, "two"), message(3, "three")])
    with pytest.raises(SourceError, match="connection broke"):
        read(line, found)
    assert [text.title for text in found] == ["one", "two", "three"]
    assert not line.open


def test_a_flood_wait_says_for_how_long_to_be_quiet() -> None:
    with pytest.raises(SourceError, match="FloodWaitError") as caught:
        read(Line([telethon.errors.FloodWaitError(request=None, capture=42)], []), [])
    assert caught.value.retry_after_s == 42.0
    assert told(OSError("CANARY")).args == ("it failed (OSError)",)


def test_a_session_that_is_no_longer_valid_turns_the_source_off() -> None:
    with pytest.raises(SourceOffError, match="TELEGRAM_SESSION"):
        read(Line([], [], authorized=False), [])


@pytest.mark.parametrize("keys", [("x", "h", ""), ("1", "h", "no session")])
def test_keys_of_the_wrong_form_turn_the_source_off_without_showing_them(keys: tuple[str, str, str]) -> None:
    with pytest.raises(SourceOffError, match="not of the form"):
        client(*keys)


def test_without_keys_nobody_is_asked() -> None:
    async def first() -> None:
        async for _ in TelegramSource(["newswire"], KEYS.get).texts():
            pass

    with pytest.raises(SourceOffError, match="TELEGRAM_SESSION not set"):
        asyncio.run(first())
