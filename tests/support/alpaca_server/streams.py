"""The streams: trade updates, and market data in JSON or MessagePack, with what goes wrong on the way."""

import asyncio
import contextlib
import json
import threading
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.support.alpaca_server.market import moment

TRADING = "/stream"
CHANNELS = {"t": "trades", "q": "quotes", "b": "bars"}
Json = dict[str, Any]


class Streams:
    """A websocket server in a thread of its own.

    Each trade update takes the next of `faults`, if any is left: 'drop' loses it, 'twice' sends it twice, 'hold' sends
    it after the next one.
    """

    def __init__(self, key: str, secret: str) -> None:
        self._keys = (key, secret)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._clients: dict[ServerConnection, Json] = {}
        self._held: list[Json] = []
        self.faults: list[str | None] = []
        self.refuse: dict[str, Json] = {}
        self.connections: list[str] = []
        self.is_open = True
        self._server = self._run(self._serve())
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _serve(self) -> Any:
        return await serve(self._handle, "127.0.0.1", 0)

    def close(self) -> None:
        async def stop() -> None:
            self._server.close()
            await self._server.wait_closed()

        self._run(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def cut(self) -> None:
        """Break every connection without a word."""

        async def abort() -> None:
            for client in list(self._clients):
                client.transport.abort()
            self._clients.clear()

        self._run(abort())

    def subscribed(self, path: str) -> Json:
        """Return what is listened to on a path."""
        found: Json = {}
        for client, state in list(self._clients.items()):
            if client.request is not None and client.request.path == path:
                for channel, symbols in state["channels"].items():
                    found.setdefault(channel, set()).update(symbols)
        return found

    # What is sent

    def update(self, event: str, order: Json, extra: Json) -> None:
        """Send a trade update to whoever listens."""
        message = {"stream": "trade_updates", "data": {"event": event, "order": order, **extra}}
        fault = self.faults.pop(0) if self.faults else None
        if fault == "drop":
            return
        if fault == "hold":
            self._held.append(message)
            return
        messages = [message] * (2 if fault == "twice" else 1) + self._held
        self._held = []
        for each in messages:
            self._loop.call_soon_threadsafe(self._spread, TRADING, each)

    def data(self, path: str, frame: Json) -> None:
        """Send a bar, a trade or a quote to whoever listens to it."""
        self._loop.call_soon_threadsafe(self._spread, path, frame)

    def _spread(self, path: str, message: Json) -> None:
        for client, state in list(self._clients.items()):
            if client.request is None or client.request.path != path or not state["authorized"]:
                continue
            if path == TRADING:
                if "trade_updates" in state["channels"].get("streams", ()):
                    state["queue"].put_nowait(json.dumps(message).encode())
            elif {message["S"], "*"} & state["channels"].get(CHANNELS[message["T"]], set()):
                state["queue"].put_nowait(_encode([message], state["packed"]))

    # What is heard

    async def _handle(self, client: ServerConnection) -> None:
        assert client.request is not None
        path = client.request.path
        self.connections.append(path)
        packed = client.request.headers.get("Content-Type") == "application/msgpack"
        state: Json = {"authorized": False, "channels": {}, "packed": packed, "queue": asyncio.Queue()}
        if not self.is_open:
            await client.close(1013)
            return
        self._clients[client] = state
        sender = asyncio.create_task(_pump(client, state["queue"]))
        with contextlib.suppress(ConnectionClosed):
            if path != TRADING:
                await _send(client, _encode([{"T": "success", "msg": "connected"}], packed))
            async for raw in client:
                message = _decode(raw, packed)
                await (self._trading if path == TRADING else self._market)(client, state, message)
        self._clients.pop(client, None)
        sender.cancel()

    async def _trading(self, client: ServerConnection, state: Json, message: Json) -> None:
        action = message["action"]
        if action in ("auth", "authenticate"):
            data = message.get("data") or {"key_id": message.get("key"), "secret_key": message.get("secret")}
            state["authorized"] = (data["key_id"], data["secret_key"]) == self._keys
            status = "authorized" if state["authorized"] else "unauthorized"
            answer = {"stream": "authorization", "data": {"action": "authenticate", "status": status}}
            await _send(client, json.dumps(answer).encode())
        elif action == "listen" and state["authorized"]:
            state["channels"] = {"streams": message["data"]["streams"]}
            await _send(client, json.dumps({"stream": "listening", "data": message["data"]}).encode())

    async def _market(self, client: ServerConnection, state: Json, message: Json) -> None:
        assert client.request is not None
        action, packed = message.pop("action"), state["packed"]
        refusal = self.refuse.get(client.request.path)
        if action == "auth":
            state["authorized"] = (message["key"], message["secret"]) == self._keys and refusal is None
            answer = refusal or {"T": "error", "code": 402, "msg": "auth failed"}
            if state["authorized"]:
                answer = {"T": "success", "msg": "authenticated"}
            await _send(client, _encode([answer], packed))
            return
        for channel, symbols in message.items():
            known = state["channels"].setdefault(channel, set())
            known.update(symbols) if action == "subscribe" else known.difference_update(symbols)
        listed = {channel: sorted(symbols) for channel, symbols in state["channels"].items()}
        await _send(client, _encode([{"T": "subscription", **listed}], packed))


async def _send(client: ServerConnection, raw: bytes | str) -> None:
    with contextlib.suppress(ConnectionClosed):
        await client.send(raw)


async def _pump(client: ServerConnection, queue: asyncio.Queue[bytes | str]) -> None:
    while True:
        await _send(client, await queue.get())


def _encode(frames: list[Json], packed: bool) -> bytes | str:
    if not packed:
        return json.dumps(frames)
    timed = [frame | ({"t": moment(frame["t"])} if "t" in frame else {}) for frame in frames]
    return msgspec.msgpack.encode(timed)


def _decode(raw: bytes | str, packed: bool) -> Json:
    found: Json = msgspec.msgpack.decode(raw) if packed and isinstance(raw, bytes) else json.loads(raw)
    return found
