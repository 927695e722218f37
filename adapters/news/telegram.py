"""Posts of public Telegram channels, by telethon."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from adapters.news.post import Post, Seen
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

KEYS: Final = ("TELEGRAM_API_ID", "TELEGRAM_API_HASH", "TELEGRAM_SESSION")
BACKLOG: Final = 50


class TelegramSource:
    """New posts of `channels`, and on connecting those of late. Each channel is a source: only its owners can write.

    Parameters
    ----------
    channels : sequence of str
        Their public names.
    secret : callable
        Gives TELEGRAM_API_ID, TELEGRAM_API_HASH and TELEGRAM_SESSION (a telethon string session of an account
        that may read the channels). It is no bot's token: bots cannot read channels.
    connect : callable
        Makes telethon's client from the three keys.
    """

    def __init__(
        self,
        channels: Sequence[str],
        secret: Secret,
        *,
        connect: Callable[[str, str, str], Any] | None = None,
        clock: Clock = time.time_ns,
    ) -> None:
        self.name = "telegram"
        self._channels = tuple(channels)
        self._secret = secret
        self._connect = connect or client
        self._clock = clock
        self._seen = Seen()
        self._client: Any = None

    async def texts(self) -> AsyncIterator[RawText]:
        """Yield posts as they come. Errors as in `Source.texts`."""
        keys = require_keys(self._secret, *KEYS)
        self._client = self._connect(*keys)
        try:
            async for post in self._posts():
                if post.is_dated and post.title and self._seen.is_new(post):
                    yield post.raw_text(self._clock())
        except (SourceError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - telethon raises hundreds of types of its own
            raise told(error) from None
        finally:
            await self.aclose()

    async def _posts(self) -> AsyncIterator[Post]:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        await self._client.connect()
        if not await self._client.is_user_authorized():
            raise SourceOffError("TELEGRAM_SESSION is refused: make a new string session")
        self._client.add_event_handler(lambda event: queue.put(event.message), _new_messages(self._channels))
        for channel in self._channels:
            async for message in self._client.iter_messages(channel, limit=BACKLOG, wait_time=1):
                yield post_of(message)
        gone = asyncio.ensure_future(self._client.disconnected)
        while True:
            coming = asyncio.ensure_future(queue.get())
            await asyncio.wait({coming, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()
                raise SourceError("its connection broke")
            yield post_of(coming.result())

    async def aclose(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.disconnect()


def client(api_id: str, api_hash: str, session: str) -> Any:
    """Return a telethon client that is not connected yet."""
    try:
        from telethon import TelegramClient  # noqa: PLC0415 - an extra
        from telethon.sessions import StringSession  # noqa: PLC0415 - an extra
    except ImportError:
        raise SourceOffError("telethon is not installed: pip install 'sagetrade-nautilus[news]'") from None
    try:
        return TelegramClient(StringSession(session), int(api_id), api_hash, flood_sleep_threshold=0)
    except ValueError:
        raise SourceOffError(f"{', '.join(KEYS)} are not of the form that Telegram gives") from None


def post_of(message: Any) -> Post:
    """Return one of telethon's messages as a post: its first line is the title, the rest the body."""
    chat = message.chat
    name = getattr(chat, "username", None) or str(message.chat_id)
    title, _, body = (message.message or "").strip().partition("\n")
    moment = message.date
    return Post(
        key=f"{message.chat_id}/{message.id}",
        source=f"telegram:{name}",
        title=title.strip(),
        body=body.strip(),
        url=f"https://t.me/{name}/{message.id}",
        published_ns=int(moment.timestamp()) * NANOS_PER_SECOND if moment is not None else 0,
    )


def told(error: Exception) -> SourceError:
    """Say what one of telethon's errors means; a flood wait says for how long to be quiet."""
    seconds = getattr(error, "seconds", 0)
    return SourceError(f"it failed ({type(error).__name__})", float(seconds or 0))


def _new_messages(channels: Sequence[str]) -> Any:
    from telethon import events  # noqa: PLC0415 - an extra

    return events.NewMessage(chats=list(channels))
