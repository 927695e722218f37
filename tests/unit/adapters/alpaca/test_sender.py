"""A sale of coins that Alpaca refuses since fewer are there: sent once more for what is there, and for no more."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OrderSide, TimeInForce
from nautilus_trader.model.identifiers import StrategyId, TraderId
from nautilus_trader.model.orders import Order

from adapters.alpaca import schemas
from adapters.alpaca.http import AlpacaRefusedError, AlpacaSilentError
from adapters.alpaca.ledger import Ledger
from adapters.alpaca.orders import Body, Habits
from adapters.alpaca.sender import Sender
from adapters.alpaca.teller import Teller
from adapters.alpaca.tracks import Tracks
from sagetrade_nautilus.sizes import exact, smallest
from tests.support.alpaca_assets import AAPL, BTC

STEP = BTC.size_increment.as_decimal()
LEAST = smallest(BTC)
TIME = "2026-11-27T10:00:00Z"


class Broker:
    """Takes a sale of at most what is there, or of nothing."""

    def __init__(self, there: Decimal, *, takes: bool = True, is_away: bool = False) -> None:
        self.there, self.takes, self.is_away = there, takes, is_away
        self.sent: list[Body] = []

    async def submit(self, body: Body, wanted: Callable[[], bool]) -> schemas.Order:
        self.sent.append(body)
        if not self.takes or Decimal(body["qty"]) > self.there:
            raise AlpacaRefusedError("POST /v2/orders", 403, "insufficient balance")
        named = {"symbol": body["symbol"], "side": body["side"], "qty": body["qty"], "submitted_at": TIME}
        return schemas.Order("b1", body["client_order_id"], "new", **named)

    async def positions(self) -> list[schemas.Position]:
        if self.is_away:
            raise AlpacaSilentError("503")
        return [schemas.Position("BTCUSD", str(self.there), "long"), schemas.Position("AAPL", str(self.there), "long")]


class Desk:
    """One order on its way to a broker, and what Nautilus is told of it."""

    def __init__(self, broker: Broker, order: Order) -> None:
        self.told: list[tuple[str, Any]] = []
        cache = Cache()
        for market in (AAPL, BTC):
            cache.add_instrument(market)
        cache.add_order(order)
        self.tracks = Tracks(cache)
        teller = Teller(self, cache, TestClock(), 25.0)  # type: ignore[arg-type]
        ledger = Ledger(broker, self.tracks, teller, lambda order: None)  # type: ignore[arg-type]
        self.order, self.broker = order, broker
        self.sender = Sender(self, broker, ledger, self.tracks, teller, Habits())  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: self.told.append((name.removeprefix("generate_order_"), args))

    def publish_unknown(self, client_order_id: Any) -> None:
        raise AssertionError("nobody asks for it")

    def warn(self, what: str) -> None:
        pass

    def send(self) -> list[str]:
        """Send the order, and return what is told of it in the end."""
        asyncio.run(self.sender.submit(self.order, None))
        assert all(body["client_order_id"] == self.order.client_order_id.value for body in self.broker.sent)
        return [kind for kind, _ in self.told if kind in ("accepted", "rejected")]


def sale(size: Decimal, market: Any = BTC, side: OrderSide = OrderSide.SELL, *, reduces: bool = True) -> Order:
    factory = OrderFactory(TraderId("T-1"), StrategyId("S-1"), TestClock())
    quantity = exact(size, market.size_precision)
    tif = TimeInForce.GTC if market is BTC else TimeInForce.DAY
    return factory.market(market.id, side, quantity, time_in_force=tif, reduce_only=reduces)


COINS = st.integers(int(LEAST / STEP), 10**19).map(lambda steps: steps * STEP)  # up to 10^10 coins, to the last step


@example(Decimal("12345678901.123456789"), Decimal("12345678900.987654321"))
@given(COINS, st.one_of(st.decimals("0", "1.2", places=12), st.decimals("0.98", "1.01", places=12)))
def test_no_more_is_sent_than_is_there_and_little_less_than_was_asked(asked: Decimal, share: Decimal) -> None:
    there = asked * share if share < 2 else share
    broker = Broker(there)
    desk = Desk(broker, sale(asked))
    (end,) = desk.send()
    whole = there // STEP * STEP
    is_little = there < asked and asked * Decimal("0.99") <= whole and whole >= LEAST
    assert end == ("accepted" if there >= asked or is_little else "rejected")
    assert [Decimal(body["qty"]) for body in broker.sent] == ([asked, whole] if is_little else [asked])
    track = desk.tracks.of(desk.order.client_order_id)
    assert track is not None
    assert track.quantity == (whole if is_little else asked)
    updates = [args[0].quantity for kind, args in desk.told if kind == "_send_order_event"]
    assert updates == ([exact(whole, BTC.size_precision)] if is_little else [])


def test_what_is_refused_again_is_rejected_once() -> None:
    broker = Broker(Decimal("0.4999"), takes=False)
    assert Desk(broker, sale(Decimal("0.5"))).send() == ["rejected"]
    assert len(broker.sent) == 2


@pytest.mark.parametrize(
    "order",
    [
        sale(Decimal("0.5"), reduces=False),
        sale(Decimal("0.5"), side=OrderSide.BUY),
        sale(Decimal(100), AAPL),
    ],
)
def test_what_is_no_way_out_of_coins_is_not_cut(order: Order) -> None:
    broker = Broker(order.quantity.as_decimal() * Decimal("0.999"))
    assert Desk(broker, order).send() == ["rejected"]
    assert len(broker.sent) == 1


def test_where_alpaca_cannot_be_asked_what_is_there_the_sale_is_rejected() -> None:
    broker = Broker(Decimal("0.4999"), is_away=True)
    assert Desk(broker, sale(Decimal("0.5"))).send() == ["rejected"]
