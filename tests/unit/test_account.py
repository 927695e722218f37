"""What a position made is the money that came less what went, whatever its fees were taken in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.enums import LiquiditySide, OrderSide, OrderType
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import (
    AccountId,
    ClientOrderId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.model.position import Position

from catalog.instruments import instrument_for
from sagetrade_nautilus.account import result

MARKET = instrument_for("BTCUSDT.BINANCE")
FEE = Decimal("0.0025")


def _fill(number: int, side: OrderSide, quantity: Decimal, price: int, fee: Money) -> OrderFilled:
    return OrderFilled(
        TraderId("T-1"), StrategyId("S-1"), MARKET.id, ClientOrderId(f"O-{number}"), VenueOrderId(f"V-{number}"),
        AccountId("BINANCE-1"), TradeId(f"T-{number}"), PositionId("P-1"), side, OrderType.MARKET,
        Quantity(quantity, MARKET.size_precision), Price(price, MARKET.price_precision), USDT, fee, LiquiditySide.TAKER,
        UUID4(), 0, 0,
    )  # fmt: skip


@given(
    lots=st.lists(st.tuples(st.integers(1, 50), st.integers(10_000, 90_000)), min_size=1, max_size=4),
    left=st.integers(10_000, 90_000),
    in_coins=st.booleans(),
)
def test_it_is_what_came_less_what_went(lots: list[tuple[int, int]], left: int, in_coins: bool) -> None:
    position, held, flow = None, Decimal(0), Decimal(0)
    for number, (tenths, price) in enumerate(lots):
        bought = Decimal(tenths) / 10
        fee = Money(bought * FEE, BTC) if in_coins else Money(bought * FEE * price, USDT)
        filled = _fill(number, OrderSide.BUY, bought, price, fee)
        held += bought - (fee.as_decimal() if in_coins else 0)
        flow -= bought * price + (0 if in_coins else fee.as_decimal())
        if position is None:
            position = Position(MARKET, filled)
        else:
            position.apply(filled)
    assert position is not None
    fee = Money(held * left * FEE, USDT)
    position.apply(_fill(99, OrderSide.SELL, held, left, fee))
    assert position.is_closed
    assert result(position) == pytest.approx(float(flow + held * left - fee.as_decimal()), abs=1e-6)
