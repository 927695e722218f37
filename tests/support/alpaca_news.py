"""A real websocket server on this machine that speaks as Alpaca's news stream does, faults included."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

Session = Callable[[ServerConnection], Awaitable[None]]
KEYS = {"APCA_API_KEY_ID": "CANARY-1", "APCA_API_SECRET_KEY": "CANARY-2"}


def article(number: int, **changes: Any) -> dict[str, Any]:
    """Return an article as Alpaca streams it."""
    return {
        "T": "n",
        "id": number,
        "headline": f"Bitcoin news {number}",
        "summary": "It is so.",
        "author": "A",
        "created_at": f"2021-12-31T11:08:{number % 60:02d}Z",
        "updated_at": "2021-12-31T11:09:43Z",
        "content": "<p>It is so.</p>",
        "url": f"https://www.benzinga.com/{number}",
        "symbols": ["BTCUSD"],
        "source": "benzinga",
        **changes,
    }


def sends(*frames: Any, stay: bool = True) -> Session:
    """Return a session that sends these frames, as JSON unless they are text or bytes, and then stays or closes."""

    async def session(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
        if stay:
            await connection.wait_closed()

    return session


def cuts(*frames: Any) -> Session:
    """Return a session that sends these frames and then breaks the connection off without a word."""

    async def session(connection: ServerConnection) -> None:
        await sends(*frames, stay=False)(connection)
        connection.transport.abort()

    return session


class NewsServer:
    """Lets the right keys in, and gives each connection the next of its sessions; the last for ever."""

    def __init__(self, *sessions: Session, limit_reached: bool = False) -> None:
        self.sessions = list(sessions)
        self.limit_reached = limit_reached
        self.subscribed: list[Any] = []
        self.connections = 0
        self.url = ""

    async def handle(self, connection: ServerConnection) -> None:
        self.connections += 1
        await connection.send('[{"T":"success","msg":"connected"}]')
        asked = json.loads(await connection.recv())
        if (asked["action"], asked["key"], asked["secret"]) != ("auth", *KEYS.values()):
            await connection.send('[{"T":"error","code":402,"msg":"auth failed CANARY"}]')
            return
        if self.limit_reached:
            await connection.send('[{"T":"error","code":406,"msg":"connection limit exceeded"}]')
            return
        await connection.send('[{"T":"success","msg":"authenticated"}]')
        wanted = json.loads(await connection.recv())
        self.subscribed.append(wanted)
        await connection.send(json.dumps([{"T": "subscription", "news": wanted["news"]}]))
        session = self.sessions.pop(0) if len(self.sessions) > 1 else self.sessions[0]
        await session(connection)


@asynccontextmanager
async def news_server(*sessions: Session, limit_reached: bool = False) -> AsyncIterator[NewsServer]:
    """Run the server as long as the block does."""
    made = NewsServer(*sessions, limit_reached=limit_reached)
    async with serve(made.handle, "127.0.0.1", 0) as server:
        made.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1beta1/news"
        yield made
