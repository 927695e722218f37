"""A node at Alpaca that is gone for a while and comes back with its cache in Redis."""

from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")
pytest.importorskip("redis", reason="needs `pip install 'sagetrade-nautilus[redis]'`")

from nautilus_trader.config import CacheConfig, DatabaseConfig, StrategyConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order, OrderList
from nautilus_trader.trading.strategy import Strategy

from tests.support.alpaca_node import AAPL, make_node, run_node, until
from tests.support.alpaca_server.server import AlpacaServer
from tests.support.redis_server import NOTE, RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)]


def node_of(server: AlpacaServer, redis_server: RedisServer) -> tuple[TradingNode, Strategy]:
    database = DatabaseConfig(type="redis", host="127.0.0.1", port=redis_server.port)
    node = make_node(server, cache=CacheConfig(database=database, buffer_interval_ms=1), sweep_s=0.3)
    return node, Strategy(StrategyConfig(strategy_id="DESK-001", manage_contingent_orders=False))


async def trade(node: TradingNode, desk: Strategy, server: AlpacaServer) -> dict[str, ClientOrderId]:
    """Leave an order that was filled in part and then changed, and a position with both its exits; return their ids."""
    market = node.cache.instrument(AAPL)
    limit = desk.order_factory.limit(AAPL, OrderSide.BUY, market.make_qty(10), Price.from_str("90.00"))
    desk.submit_order(limit)
    await until(lambda: limit.status == OrderStatus.ACCEPTED)
    with server.lock:
        server.account.fill(limit.venue_order_id.value, "3", "90")
    await until(lambda: str(limit.filled_qty) == "3")
    desk.modify_order(limit, price=Price.from_str("91.00"))
    await until(lambda: str(limit.price) == "91.00" and limit.status != OrderStatus.PENDING_UPDATE)
    bracket = bought(node, desk)
    desk.submit_order_list(bracket)
    await until(lambda: bracket.first.status == OrderStatus.FILLED)
    await until(lambda: all(order.status == OrderStatus.ACCEPTED for order in bracket.orders[1:]))
    stop = next(order for order in bracket.orders if order.order_type == OrderType.STOP_MARKET)
    target = next(order for order in bracket.orders if order.order_type == OrderType.LIMIT)
    return {"limit": limit.client_order_id, "stop": stop.client_order_id, "target": target.client_order_id}


def bought(node: TradingNode, desk: Strategy) -> OrderList:
    """Return an order to buy four, with both exits."""
    return desk.order_factory.bracket(
        AAPL,
        OrderSide.BUY,
        node.cache.instrument(AAPL).make_qty(4),
        time_in_force=TimeInForce.GTC,
        tp_price=Price.from_str("110.00"),
        tp_post_only=False,
        sl_trigger_price=Price.from_str("95.00"),
    )


def test_orders_exits_and_executions_are_as_at_the_venue_and_nothing_is_sent_twice(
    server: AlpacaServer, redis_server: RedisServer
) -> None:
    names: dict[str, ClientOrderId] = {}
    node, desk = node_of(server, redis_server)

    async def first() -> None:
        names.update(await trade(node, desk, server))

    run_node(node, first, [desk])
    sent = len(server.asked("POST", "/v2/orders"))
    with server.lock:  # while the node is away
        current = next(order for order in server.account.orders.values() if order["client_order_id"].endswith("~1"))
        server.account.fill(current["id"], "2", "91")

    node, desk = node_of(server, redis_server)

    async def second() -> None:
        def order(name: str) -> Order:
            return node.cache.order(names[name])

        await until(lambda: order("limit") is not None and str(order("limit").filled_qty) == "5")
        assert str(order("limit").quantity) == "10"
        assert order("stop").status == order("target").status == OrderStatus.ACCEPTED
        with server.lock:
            server.account.fill(current["id"], "5", "91")
        await until(lambda: order("limit").status == OrderStatus.FILLED)
        server.move("AAPL", "94.00", "94.02")
        await until(
            lambda: order("stop").status == OrderStatus.FILLED and order("target").status == OrderStatus.CANCELED
        )
        await until(lambda: _held(node) == server.account.held("AAPL") == 10)

    run_node(node, second, [desk])
    assert len(server.asked("POST", "/v2/orders")) == sent


def test_a_bracket_of_which_nothing_was_heard_before_the_end_is_found_with_its_exits(
    server: AlpacaServer, redis_server: RedisServer
) -> None:
    names: list[ClientOrderId] = []
    node, desk = node_of(server, redis_server)

    async def first() -> None:
        server.faults["POST /v2/orders"] = ["lost"]
        server.faults["GET /v2/"] = [500] * 999
        server.streams.faults = ["drop"] * 9
        bracket = bought(node, desk)
        names.extend(order.client_order_id for order in bracket.orders)
        desk.submit_order_list(bracket)
        await until(lambda: len(server.account.orders) == 3)
        await until(lambda: all(order.status == OrderStatus.SUBMITTED for order in bracket.orders))

    run_node(node, first, [desk])
    server.faults.clear()
    node, desk = node_of(server, redis_server)

    async def second() -> None:
        entry, *exits = (node.cache.order(name) for name in names)
        await until(lambda: entry.status == OrderStatus.FILLED)
        await until(lambda: all(order.status == OrderStatus.ACCEPTED for order in exits), "the exits")
        server.move("AAPL", "94.00", "94.02")
        await until(lambda: sorted(order.status_string() for order in exits) == ["CANCELED", "FILLED"], "the stop")
        await until(lambda: _held(node) == server.account.held("AAPL") == 0)

    run_node(node, second, [desk])
    assert len(server.asked("POST", "/v2/orders")) == 1
    assert len(server.account.orders) == 3


def _held(node: Any) -> Decimal:
    return sum((p.signed_decimal_qty() for p in node.cache.positions_open(instrument_id=AAPL)), Decimal(0))
