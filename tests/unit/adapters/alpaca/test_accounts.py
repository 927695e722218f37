"""What an account is worth: Alpaca's equity, however its one position is made up of ours."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import PositionId, StrategyId, TradeId, TraderId
from nautilus_trader.model.objects import Money, Price
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from adapters.alpaca import accounts, schemas
from tests.support.alpaca_assets import AAPL
from tests.support.alpaca_server.account import Account

ONE = Decimal(1)
Trade = tuple[int, int, int]
"""Whose, how many shares (sold below zero), and at how many dollars."""


def test_a_balance_is_the_equity_without_what_nautilus_adds_itself() -> None:
    account = schemas.Account("a", "1", "ACTIVE", equity="100500.25", initial_margin="200000")
    found = accounts.balance(account, Decimal("500.25"))
    assert [str(money) for money in (found.total, found.locked, found.free)] == [
        "100000.00 USD",
        "100000.00 USD",
        "0.00 USD",
    ]


def book(trades: list[Trade]) -> tuple[Account, list[Position]]:
    """Return the venue's account, and Nautilus's open positions: each strategy has its own, and closes it at most."""
    account = Account(lambda event, order, extra: None)
    positions, fills = played(trades)
    for fill in fills:
        side = "buy" if fill.is_buy else "sell"
        order = {"side": side, "symbol": "AAPL"}
        account._book(order, fill.last_qty.as_decimal(), fill.last_px.as_decimal())
    return account, [position for position in positions if position.is_open]


def played(trades: list[Trade]) -> tuple[list[Position], list[OrderFilled]]:
    """Return all positions that trades make, and their fills."""
    everything: list[Position] = []
    fills: list[OrderFilled] = []
    open_ones: dict[int, Position] = {}
    for number, (who, wish, price) in enumerate(trades):
        mine = open_ones.get(who)
        most = abs(mine.signed_qty) if mine is not None and mine.signed_qty * wish < 0 else abs(wish)
        size = max(-most, min(most, wish))
        side = OrderSide.BUY if size > 0 else OrderSide.SELL
        order = OrderFactory(TraderId("T-1"), StrategyId(f"S-{who}"), TestClock()).market(
            AAPL.id, side, AAPL.make_qty(abs(size))
        )
        name = PositionId(f"P-{number}") if mine is None else mine.id
        filled = TestEventStubs.order_filled(
            order, AAPL, position_id=name, trade_id=TradeId(f"T-{number}"), commission=Money(0, USD),
            last_px=Price(price, 2), last_qty=order.quantity,
        )  # fmt: skip
        fills.append(filled)
        if mine is None:
            everything.append(open_ones.setdefault(who, Position(AAPL, filled)))
        else:
            mine.apply(filled)
        if open_ones[who].is_closed:
            del open_ones[who]
    return everything, fills


def held_of(account: Account, price: int) -> schemas.Position | None:
    held, average = account.positions["AAPL"]
    gain = str(held * (price - average))
    return schemas.Position("AAPL", str(held), "", avg_entry_price=str(average), unrealized_pl=gain) if held else None


TRADES = st.lists(st.tuples(st.integers(0, 2), st.integers(-9, 9).filter(bool), st.integers(50, 150)), min_size=1)


@example([(0, 10, 100), (1, -10, 110)], 130)  # against one another: Alpaca has nothing, and ten dollars a share more
@example([(0, 10, 100), (1, 10, 110), (0, -10, 120)], 130)  # beside one another: Alpaca's average is of both
@given(TRADES, st.integers(50, 150))
def test_whoever_holds_what_the_account_is_worth_what_alpaca_says(trades: list[Trade], price: int) -> None:
    account, ours = book(trades)
    equity = account.cash + account.held("AAPL") * price
    said = schemas.Account("a", "1", "ACTIVE", equity=str(equity))
    gained, is_same = accounts.gained(held_of(account, price), ours, ONE)
    total = accounts.balance(said, gained).total
    worth = float(total) + sum((price - position.avg_px_open) * position.signed_qty for position in ours)
    assert is_same
    assert worth == pytest.approx(float(equity), abs=0.02)


@given(TRADES, st.integers(50, 150))
def test_after_an_execution_the_account_is_worth_the_same_at_its_price(trades: list[Trade], before: int) -> None:
    """So nothing that anybody looks at before Alpaca tells the balance makes a peak, or a fall, that never was."""
    price = trades[-1][2]
    ours, _ = played(trades[:-1])
    known = accounts.balance(schemas.Account("a", "1", "ACTIVE", equity=str(100_000 + before)), Decimal(0))
    worth = float(known.total) + sum((price - position.avg_px_open) * position.signed_qty for position in ours)
    everything, (*_, fill) = played(trades)
    found = accounts.after(known, next(one for one in everything if one.id == fill.position_id), fill)
    later = float(found.total) + sum((price - one.avg_px_open) * one.signed_qty for one in everything if one.is_open)
    assert later == pytest.approx(worth, abs=0.02)


def test_while_both_do_not_hold_the_same_what_alpaca_says_counts() -> None:
    account, ours = book([(0, 10, 100)])
    held = held_of(account, 130)
    assert accounts.gained(held, [], ONE) == (300, False)
    assert accounts.gained(None, ours, ONE) == (0, False)
    assert accounts.gained(schemas.Position("AAPL", "10", "long", unrealized_pl="7"), ours, ONE) == (7, True)
