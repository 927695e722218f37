"""How many coins count as held: Alpaca's word, and ours where it says the same but for what rounding leaves."""

import asyncio
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import OmsType, OrderSide, TimeInForce
from nautilus_trader.model.identifiers import PositionId, StrategyId, TraderId
from nautilus_trader.model.objects import Money, Price
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from adapters.alpaca import reports, schemas
from adapters.alpaca.reconciliation import Reconciliation
from adapters.alpaca.tracks import Tracks
from sagetrade_nautilus.model.one_exit import blur
from sagetrade_nautilus.sizes import exact, smallest
from tests.support.alpaca_assets import AAPL, ACCOUNT, BTC

STEP = BTC.size_increment.as_decimal()
LEAST = smallest(BTC)
FEE_BPS = 25.0
TIME = "2026-11-27T10:00:00Z"
AT = "0.25"


class Execution(NamedTuple):
    """One execution at Alpaca: bought or sold, so many steps, whose, and whether our books know of it."""

    buys: bool
    steps: int
    ours: bool
    heard: bool

    @property
    def qty(self) -> Decimal:
        return self.steps * STEP

    @property
    def held(self) -> Decimal:
        """What it leaves, once its fee is taken."""
        fee = reports.commission("buy", self.qty, Decimal(AT), BTC, Decimal(str(FEE_BPS))).as_decimal()
        return self.qty - fee if self.buys else -self.qty


class Desk:
    """Our books, and an account that had these executions and holds `extra` more."""

    def __init__(self, executions: list[Execution], extra: Decimal) -> None:
        self.cache = Cache()
        for market in (AAPL, BTC):
            self.cache.add_instrument(market)
        self.said: list[schemas.Position] = []
        self.orders: list[schemas.Order] = []
        self.fills: list[schemas.Fill] = []
        for number, execution in enumerate(executions):
            self._execute(number, execution)
        self.ours = sum((one.held for one in executions if one.ours and one.heard), Decimal(0))
        self.all_ours = sum((one.held for one in executions if one.ours), Decimal(0))
        self.theirs = sum((one.held for one in executions), Decimal(0)) + extra
        self.nautilus = self._book()
        self.reports = Reconciliation(self, Tracks(self.cache), self.cache, lambda: 10**19, FEE_BPS)  # type: ignore[arg-type]
        self.reports.account_id = ACCOUNT

    def _execute(self, number: int, execution: Execution) -> None:
        side = "buy" if execution.buys else "sell"
        order = self._order(execution, number)
        name = order.client_order_id.value if execution.ours else f"hand-{number}"
        self.orders.append(schemas.Order(f"b{number}", name, "filled", symbol="BTC/USD", submitted_at=TIME))
        qty = str(execution.qty)
        self.fills.append(schemas.Fill(f"f{number}", f"b{number}", "BTCUSD", side, AT, qty, qty, TIME, "fill"))
        if execution.ours:
            self.cache.add_order(order)
            if execution.heard:
                order.apply(TestEventStubs.order_submitted(order, ACCOUNT))
                order.apply(self._filled(order, reports.trade_id(f"b{number}", execution.qty)))

    def _order(self, execution: Execution, number: int) -> Order:
        factory = OrderFactory(TraderId("T-1"), StrategyId(f"S-{number}"), TestClock())
        side = OrderSide.BUY if execution.buys else OrderSide.SELL
        return factory.market(BTC.id, side, exact(execution.qty, 9), time_in_force=TimeInForce.GTC)

    def _filled(self, order: Order, name: Any, position: str | None = None) -> Any:
        where = None if position is None else PositionId(position)
        price = Price.from_str("0.25")
        return TestEventStubs.order_filled(
            order, BTC, position_id=where, trade_id=name, last_px=price, commission=Money(0, USD)
        )

    def _book(self) -> Decimal:
        """Hold in one position what our books say; return what Nautilus, which counts in floats, makes of it."""
        if not self.ours:
            return self.ours
        size = Execution(True, int(self.ours / STEP), ours=True, heard=True)
        order = self._order(size, 999)
        position = Position(BTC, self._filled(order, reports.trade_id("book", size.qty), "P-1"))
        self.cache.add_position(position, OmsType.HEDGING)
        held: Decimal = position.signed_decimal_qty()
        return held

    def as_nautilus_counts(self) -> Decimal:
        """Return what of ours there is once all of it is heard."""
        return self.nautilus + self.all_ours - self.ours

    async def positions(self) -> list[schemas.Position]:
        coins = [schemas.Position("BTCUSD", str(self.theirs), "long")] if self.theirs else []
        return coins + self.said

    async def orders_since(self, since_ns: int) -> list[schemas.Order]:
        return self.orders

    async def fills_since(self, since_ns: int) -> list[schemas.Fill]:
        return self.fills

    def agreed(self) -> Decimal:
        (report,) = asyncio.run(self.reports.positions(BTC.id))
        held: Decimal = report.signed_decimal_qty
        return held


STEPS = st.integers(int(LEAST / STEP) * 4, 10**18)  # up to 10^9 coins
EXECUTIONS = st.lists(st.builds(Execution, st.just(True), STEPS, st.booleans(), st.booleans()), max_size=4)
DUST = st.integers(0, int(LEAST / STEP) - 1).map(lambda steps: steps * STEP)


@example([Execution(True, 10**18, True, False)], Decimal(0))
@given(EXECUTIONS, DUST)
def test_what_rounding_left_and_what_of_ours_is_still_unheard_is_no_difference(
    executions: list[Execution], dust: Decimal
) -> None:
    """With an execution of ours on its way the books come to be the same; what somebody else has is Alpaca's word."""
    desk = Desk(executions, dust)
    strange = any(not one.ours for one in executions)
    assert desk.agreed() == (desk.theirs if strange else desk.as_nautilus_counts())


@given(EXECUTIONS, STEPS.map(lambda steps: steps * STEP))
def test_what_could_be_sold_and_is_not_ours_is_a_difference(executions: list[Execution], more: Decimal) -> None:
    desk = Desk(executions, more)
    assert desk.agreed() == desk.theirs


@given(st.lists(st.builds(Execution, st.just(True), STEPS, st.just(True), st.booleans()), min_size=1, max_size=4))
def test_a_sale_of_ours_that_is_not_heard_yet_takes_off_what_it_sold(executions: list[Execution]) -> None:
    held = sum((one.held for one in executions), Decimal(0))
    sold = Execution(False, int(held / STEP) // 2, ours=True, heard=False)
    desk = Desk([*executions, sold], Decimal(0))
    assert desk.all_ours == desk.theirs
    agrees = 0 <= desk.theirs - desk.nautilus < LEAST  # what is not heard comes to nothing, as it happens
    assert desk.agreed() == (desk.nautilus if agrees else desk.as_nautilus_counts())


@given(EXECUTIONS, STEPS.map(lambda steps: -steps * STEP))
def test_fewer_coins_than_our_books_hold_are_always_told(executions: list[Execution], fewer: Decimal) -> None:
    desk = Desk(executions, Decimal(0))
    desk.theirs = max(Decimal(0), desk.theirs + fewer)
    if desk.theirs < desk.all_ours - 2 * blur(desk.all_ours) and desk.all_ours >= LEAST:
        assert desk.agreed() <= desk.theirs


@pytest.mark.parametrize(("held", "gained"), [([("AAPL", "10", "100", "300")], 300), ([], 100)])
def test_what_is_gained_is_counted_where_alpaca_holds_nothing_any_more(
    held: list[tuple[str, str, str, str]], gained: int
) -> None:
    """Of two strategies one is long at 100, the other short at 110: Alpaca has nothing, and the gain in its equity."""
    desk = Desk([], Decimal(0))
    sizes = [(OrderSide.BUY, "100.00")] if held else [(OrderSide.BUY, "100.00"), (OrderSide.SELL, "110.00")]
    for number, (side, price) in enumerate(sizes):
        factory = OrderFactory(TraderId("T-1"), StrategyId(f"S-{number}"), TestClock())
        order = factory.market(AAPL.id, side, exact(Decimal(10), 0), time_in_force=TimeInForce.DAY)
        filled = TestEventStubs.order_filled(
            order, AAPL, position_id=PositionId(f"P-{number}"), last_px=Price.from_str(price)
        )
        desk.cache.add_position(Position(AAPL, filled), OmsType.HEDGING)
    desk.said = [schemas.Position(name, qty, "long", None, "", at, gain) for name, qty, at, gain in held]
    assert asyncio.run(desk.reports.gained()) == (gained, True)
