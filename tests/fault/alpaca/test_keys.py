"""Alpaca's refusals of keys and accounts, what a log shows of keys, and what crypto pays."""

import asyncio
from decimal import Decimal

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide, OrderStatus

from tests.support.alpaca_desk import POST, Desk, play
from tests.support.alpaca_node import BTC, make_node, run_node, until
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer

pytestmark = pytest.mark.slow  # a node for each fault


def test_refused_keys_and_an_account_that_may_not_trade_keep_the_node_from_starting(server: AlpacaServer) -> None:
    for broken in ("keys", "status"):
        server.faults["GET /v2/account"] = [401] * 9 if broken == "keys" else []
        server.status = "ACCOUNT_CLOSED"
        node = make_node(server, connection_s=1.0)
        desk = Desk()

        async def act() -> None:
            await asyncio.sleep(0)

        with pytest.raises(AssertionError, match="the node starts"):
            run_node(node, act, [desk], start_s=2.5)
    assert server.asked("POST", "/v2/orders") == []


def test_no_log_line_shows_a_key(server: AlpacaServer, capfd: pytest.CaptureFixture[str]) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.faults["GET /v2"] = [500, 422], [500] * 5
        desk.market()
        order = desk.limit()
        await until(lambda: order.status in (OrderStatus.REJECTED, OrderStatus.SUBMITTED, OrderStatus.ACCEPTED))
        await asyncio.sleep(0.5)

    play(server, act)
    shown = "".join(capfd.readouterr())
    assert KEY not in shown
    assert SECRET not in shown


def test_crypto_pays_its_fee_in_what_it_receives(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        quantity = node.cache.instrument(BTC).make_qty(Decimal("0.5"))
        order = desk.order_factory.market(BTC, OrderSide.BUY, quantity)
        desk.submit_order(order)
        await until(lambda: order.status == OrderStatus.FILLED)
        [position] = node.cache.positions_open(instrument_id=BTC)
        assert position.signed_decimal_qty() == server.account.held("BTC/USD") == Decimal("0.49875")

    play(server, act)
