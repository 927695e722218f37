"""Streams over real sockets: who we are, what we want, and what becomes of a connection that is lost or refused."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from adapters.alpaca.feed import Feed
from adapters.alpaca.schemas import Frame, TradeUpdate
from adapters.alpaca.stream import StreamRefusedError
from adapters.alpaca.updates import TradeUpdates
from sagetrade_nautilus.secrets import Secret
from tests.support.alpaca_node import until
from tests.support.alpaca_server.streams import Streams

KEY, SECRET = "CANARY-key", "CANARY-secret"
PATH = "/v2/iex"
QUOTE = {"T": "q", "S": "AAPL", "t": "2024-01-02T15:00:00Z", "bp": 1, "bs": 2, "ap": 3, "as": 4}


@pytest.fixture
def streams() -> Iterator[Streams]:
    made = Streams(KEY, SECRET)
    yield made
    made.close()


class Heard:
    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.updates: list[TradeUpdate] = []
        self.lines: list[str] = []
        self.ups = 0
        self.changes: list[bool] = []

    async def on_frames(self, frames: list[Frame]) -> None:
        self.frames += frames

    async def on_update(self, update: TradeUpdate) -> None:
        self.updates.append(update)

    def on_up(self) -> None:
        self.ups += 1

    def feed(self, streams: Streams, secret: str = SECRET) -> Feed:
        return Feed(
            streams.url + PATH,
            Secret(KEY),
            Secret(secret),
            self.on_frames,
            self.on_up,
            self.lines.append,
            0.02,
            self.changes.append,
        )

    def trades(self, streams: Streams, secret: str = SECRET) -> TradeUpdates:
        url = streams.url + "/stream"
        key, told = Secret(KEY), self.lines.append
        return TradeUpdates(url, key, Secret(secret), self.on_update, self.on_up, told, 0.02, self.changes.append)


def play(stream: Any, act: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        running = asyncio.create_task(stream.run())
        try:
            await act()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(whole(), 20))


def test_what_is_wanted_is_asked_for_at_once_and_after_every_reconnect(streams: Streams) -> None:
    heard = Heard()
    feed = heard.feed(streams)

    def back(number: int) -> bool:
        return heard.ups == number and "AAPL" in streams.subscribed(PATH).get("quotes", ())

    async def act() -> None:
        await feed.subscribe("quotes", "AAPL")
        await until(lambda: streams.subscribed(PATH) == {"quotes": {"AAPL"}})
        await feed.subscribe("trades", "MSFT")
        await until(lambda: streams.subscribed(PATH).get("trades") == {"MSFT"})
        await feed.unsubscribe("quotes", "AAPL")
        await until(lambda: streams.subscribed(PATH)["quotes"] == set())
        await feed.subscribe("quotes", "AAPL")
        for number in (2, 3):
            streams.cut()
            await until(partial(back, number))
        streams.data(PATH, QUOTE)
        await until(lambda: heard.frames)

    play(feed, act)
    assert [(frame.kind, frame.symbol, frame.ask_size) for frame in heard.frames] == [("q", "AAPL", 4.0)]
    assert len([line for line in heard.lines if "opened again" in line]) == 2
    assert heard.changes == [True, False, True, False, True]


def test_a_server_that_is_away_is_tried_until_it_is_back(streams: Streams) -> None:
    heard = Heard()
    updates = heard.trades(streams)
    streams.is_open = False

    async def act() -> None:
        await until(lambda: len(streams.connections) >= 3)
        assert heard.ups == 0
        streams.is_open = True
        await updates.opened()

    play(updates, act)
    assert heard.ups == 1
    assert heard.changes == [True]


@pytest.mark.parametrize("code", [402, 409])
def test_a_refusal_that_would_come_again_ends_the_tries(streams: Streams, code: int) -> None:
    streams.refuse[PATH] = {"T": "error", "code": code, "msg": "insufficient subscription"}
    with pytest.raises(StreamRefusedError, match=f"{code} insufficient subscription"):
        asyncio.run(asyncio.wait_for(Heard().feed(streams).run(), 5))
    assert len(streams.connections) == 1


def test_too_many_connections_are_tried_again(streams: Streams) -> None:
    streams.refuse[PATH] = {"T": "error", "code": 406, "msg": "connection limit exceeded"}
    heard = Heard()

    async def act() -> None:
        await until(lambda: len(streams.connections) >= 2)
        streams.refuse.clear()
        await until(lambda: heard.ups == 1)

    play(heard.feed(streams), act)


def test_refused_keys_end_the_trade_updates_without_showing_them(
    streams: Streams, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StreamRefusedError, match="refuses our keys") as caught:
        asyncio.run(asyncio.wait_for(Heard().trades(streams, "CANARY-other").run(), 5))
    logged = [record.getMessage() for record in caplog.records if record.name == "websockets.client"]
    assert "CANARY" not in str(caught.value) + repr(caught.value) + "".join(logged)


def test_what_cannot_be_read_is_told_and_the_rest_is_heard(streams: Streams) -> None:
    heard = Heard()
    feed, updates = heard.feed(streams), heard.trades(streams)

    async def act() -> None:
        await feed._hear("<html>")
        await feed._hear(b"\xff")
        await feed._hear(json.dumps([{"T": "error", "code": 405, "msg": "symbol limit exceeded"}, QUOTE]))
        await updates._hear('{"stream": "trade_updates", "data": {"event": 5}}')
        await updates._hear('{"stream": "listening", "data": {"streams": []}}')

    asyncio.run(act())
    assert len(heard.frames) == 1
    assert heard.updates == []
    assert [("cannot be read" in line, "405 symbol limit" in line) for line in heard.lines] == [
        (True, False),
        (True, False),
        (False, True),
        (True, False),
    ]
