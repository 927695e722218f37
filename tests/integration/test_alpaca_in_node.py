"""Alpaca's clients in a real node: what a stream's outage does to bars."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.common.actor import Actor
from nautilus_trader.model.data import Bar, BarType

from adapters.alpaca.data import AlpacaDataClient
from adapters.alpaca.factories import AlpacaDataClientFactory
from tests.support.alpaca_node import AAPL, make_node, run_node, until
from tests.support.alpaca_server import market
from tests.support.alpaca_server.server import AlpacaServer, alpaca_server

MINUTE_NS = 60_000_000_000
PATH = "/v2/iex"


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        yield made


class Listener(Actor):
    """Keeps the bars that come."""

    def __init__(self) -> None:
        super().__init__()
        self.bars: list[Bar] = []

    def on_start(self) -> None:
        self.subscribe_bars(BarType.from_str("AAPL.ALPACA-1-MINUTE-LAST-EXTERNAL"))
        self.subscribe_bars(BarType.from_str("AAPL.ALPACA-5-MINUTE-LAST-EXTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        self.bars.append(bar)


class Factory(AlpacaDataClientFactory):
    """Keeps the client that it makes."""

    made: AlpacaDataClient

    @staticmethod
    def create(*args: Any, **kwargs: Any) -> AlpacaDataClient:
        Factory.made = AlpacaDataClientFactory.create(*args, **kwargs)
        return Factory.made


async def fall_behind(server: AlpacaServer, minutes: int, faults: tuple[int, ...] = ()) -> None:
    """Have the client believe that it did not hear the last minutes, and cut its stream."""
    await until(lambda: server.streams.subscribed(PATH).get("bars") == {"AAPL"}, "the subscription")
    await until(lambda: not Factory.made._behind, "the first connection")
    bars = Factory.made._bars
    await until(lambda: len(bars._folds[AAPL]) == 2, "both kinds of bars")
    bars._heard_ns[AAPL] -= minutes * MINUTE_NS
    for fold in bars._folds[AAPL].values():
        fold.forget(bars._heard_ns[AAPL])
    server.faults["GET /v2/stocks/bars"] = list(faults)
    server.streams.cut()


def test_minutes_that_passed_while_the_stream_was_away_are_fetched_once_and_in_order(server: AlpacaServer) -> None:
    node = make_node(server, data_factory=Factory)
    listener = Listener()

    async def scenario() -> None:
        await fall_behind(server, 12)
        await until(lambda: len(listener.bars) >= 13, "the bars of twelve minutes, and of one or two times five")

    run_node(node, scenario, actors=[listener])
    minutes = [bar for bar in listener.bars if bar.bar_type.spec.step == 1]
    fives = [bar for bar in listener.bars if bar.bar_type.spec.step == 5]
    assert len(minutes) in (12, 13)
    assert [bar.ts_event for bar in minutes] == list(range(minutes[0].ts_event, minutes[-1].ts_event + 1, MINUTE_NS))
    assert len(fives) in (1, 2)
    for bar in fives:
        inside = [m for m in minutes if bar.ts_event - 5 * MINUTE_NS < m.ts_event <= bar.ts_event]
        assert len(inside) == 5
        assert bar.volume.as_decimal() == sum(m.volume.as_decimal() for m in inside)
        assert (bar.open, bar.close) == (inside[0].open, inside[-1].close)


def test_bars_are_left_out_if_their_minutes_cannot_be_had(server: AlpacaServer) -> None:
    node = make_node(server, data_factory=Factory)
    listener = Listener()

    async def scenario() -> None:
        await fall_behind(server, 12, (500, 500, 500))
        await until(lambda: not server.faults["GET /v2/stocks/bars"] and not Factory.made._behind, "it gives up")
        await until(lambda: server.streams.subscribed(PATH).get("bars") == {"AAPL"}, "the subscription")
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        [row] = market.rows("bars", "AAPL", now, now)
        server.streams.data(PATH, {"T": "b", "S": "AAPL", **row})
        await until(lambda: listener.bars, "the minute that is heard")

    run_node(node, scenario, actors=[listener])
    assert [bar.bar_type.spec.step for bar in listener.bars] == [1]


def test_what_a_position_that_the_node_does_not_hold_has_lost_is_missing_from_its_worth(server: AlpacaServer) -> None:
    server.account.prices["TSLA"] = Decimal(50), Decimal(51)
    server.account.positions["TSLA"] = [Decimal(1_000), Decimal(100)]  # of another hand, and not loaded here
    server.account.positions["AAPL"] = [Decimal(100), Decimal(90)]
    node = make_node(server)
    worths = []

    async def scenario() -> None:
        [held] = node.cache.positions_open()
        gained = held.quantity.as_decimal() * (100 - 90)  # which the node adds
        worths.append(node.cache.account_for_venue(AAPL.venue).balance_total().as_decimal() + gained)

    run_node(node, scenario)
    assert worths == [Decimal(100_000) + 1_000 * 50 + 100 * 100]
