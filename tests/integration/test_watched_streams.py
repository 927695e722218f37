"""A node sees that a market stream of Binance's is lost, though Nautilus calls its client connected all the while."""

import asyncio
from types import SimpleNamespace
from typing import Any

from nautilus_trader.adapters.binance.websocket.client import BinanceWebSocketClient
from nautilus_trader.common.component import LiveClock
from websockets.asyncio.server import ServerConnection, serve

from adapters.watched import stands

PATIENCE_S = 20.0


async def _hold(connection: ServerConnection) -> None:
    await connection.wait_closed()


async def _until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.02)


async def _play() -> list[bool]:
    server = await serve(_hold, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stream = BinanceWebSocketClient(
        clock=LiveClock(),
        base_url=f"ws://127.0.0.1:{port}",
        handler=lambda raw: None,
        handler_reconnect=None,
        loop=asyncio.get_running_loop(),
    )
    client = SimpleNamespace(is_connected=True, _ws_client=stream)
    await stream.subscribe_trades("BTCUSDT")
    await _until(lambda: server.connections)
    seen = [stands(client)]
    server.close(close_connections=False)
    for connection in server.connections:
        connection.transport.abort()
    await _until(lambda: not stands(client))
    seen.append(stands(client))
    async with serve(_hold, "127.0.0.1", port):
        await _until(lambda: stands(client))
        seen.append(stands(client))
        await stream.disconnect()
        await _until(lambda: all(socket is None or socket.is_closed() for socket in stream._clients.values()))
    return seen


def test_a_lost_stream_is_seen_and_that_it_is_back() -> None:
    assert asyncio.run(_play()) == [True, False, True]
