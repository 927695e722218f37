"""The paper venue: what it does with commands and data, and that a death leaves it as it was."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder, ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_trader.model.data import Bar, BarType, CustomData, DataType
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.identifiers import StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from adapters.paper.commands import saved_command
from adapters.paper.config import PaperExecClientConfig
from adapters.paper.venue import PaperVenue
from catalog.instruments import instrument_for
from sagetrade_nautilus.data import TextItem
from sagetrade_nautilus.errors import StateError
from sagetrade_nautilus.execution.order_store import OrderStore

BTC = instrument_for("BTCUSDT.BINANCE")
BAR_TYPE = BarType.from_str(f"{BTC.id}-5-MINUTE-LAST-EXTERNAL")
TRADER, STRATEGY = TraderId("T-1"), StrategyId("s-1")
MINUTE = 60_000_000_000
BUY, SELL = OrderSide.BUY, OrderSide.SELL


class Desk:
    """Sends commands to a venue that can die, and remembers what was told."""

    def __init__(self, path: Path | None = None, **settings: Any) -> None:
        self.path = path
        self.config = PaperExecClientConfig(venue="BINANCE", instruments=[str(BTC.id)], latency_ms=50.0, **settings)
        self.clock = TestClock()
        self.factory = OrderFactory(TRADER, STRATEGY, self.clock)
        self.told: list[Any] = []
        self.store: OrderStore | None = None
        self.begin()

    def begin(self) -> None:
        self.store = OrderStore(self.path, survives_power_loss=False)
        self.venue = PaperVenue(self.config, TRADER, self.store, self.told.append)
        self.venue.open([BTC], self.now)

    def die(self) -> None:
        """End without a word, as SIGKILL does to all that is not in the file, and begin again."""
        assert self.store is not None
        self.store.close()
        self.begin()

    @property
    def now(self) -> int:
        return int(self.clock.timestamp_ns())

    def bar(self, *prices: float) -> None:
        self.clock.set_time(self.now + 5 * MINUTE)
        opened, high, low, close = prices if len(prices) == 4 else prices * 4
        values = (Price(value, 2) for value in (opened, high, low, close))
        self.venue.show(Bar(BAR_TYPE, *values, Quantity(10, 5), self.now, self.now))

    def send(self, what: Any) -> None:
        if isinstance(what, Order):
            what = SubmitOrder(TRADER, STRATEGY, what, UUID4(), self.now)
        self.venue.send(what, self.now)

    def arrive(self) -> None:
        self.venue.settle(self.now + 50_000_000)

    def bracket(self, side: OrderSide, size: float, tp: float, sl: float) -> list[Order]:
        orders = self.factory.bracket(
            BTC.id, side, Quantity(size, 5), tp_price=Price(tp, 2), sl_trigger_price=Price(sl, 2), tp_post_only=False
        )
        self.send(SubmitOrderList(TRADER, STRATEGY, orders, UUID4(), self.now))
        return list(orders.orders)

    def cancel(self, order: Order) -> None:
        self.send(CancelOrder(TRADER, STRATEGY, BTC.id, order.client_order_id, None, UUID4(), self.now))

    def limit(self, side: OrderSide, size: float, price: float, **more: Any) -> Order:
        return self.factory.limit(BTC.id, side, Quantity(size, 5), Price(price, 2), **more)

    def market(self, side: OrderSide, size: float, **more: Any) -> Order:
        return self.factory.market(BTC.id, side, Quantity(size, 5), **more)

    def status(self, order: Order) -> OrderStatus:
        assert self.store is not None
        return (self.venue.cache.order(order.client_order_id) or self.store.order(order.client_order_id)).status

    def books(self) -> dict[str, Any]:
        """Return all that matters of the venue; its own ids name the life that gave them, so they are left out."""
        cache = self.venue.cache
        return {
            "open": sorted(
                (order.client_order_id.value, order.status, str(order.quantity), str(order.filled_qty), order.tags)
                for order in cache.orders()
                if not order.is_closed
            ),
            "held": sorted(
                (str(held.signed_decimal_qty()), held.avg_px_open, str(held.realized_pnl))
                for held in cache.positions_open()
            ),
            "balance": str(self.venue.account_state().balances[0].total),
        }

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.told]


def test_an_order_arrives_after_the_latency_and_not_before() -> None:
    desk = Desk()
    desk.bar(100.0)
    desk.send(desk.market(BUY, 1.0))
    desk.venue.settle(desk.now + 49_999_999)
    assert desk.names() == []
    desk.venue.settle(desk.now + 50_000_000)
    assert desk.names() == ["OrderFilled"]
    assert desk.told[0].ts_event == desk.now + 50_000_000


def test_a_large_order_is_filled_in_parts_at_worse_and_worse_prices() -> None:
    desk = Desk(depth=1_000.0, depth_levels=3)
    desk.bar(100.0)
    desk.send(desk.market(BUY, 25.0))
    desk.arrive()
    fills = [event for event in desk.told if type(event).__name__ == "OrderFilled"]
    assert len(fills) == 3
    assert sum(fill.last_qty.as_double() for fill in fills) == 25.0
    assert [str(fill.last_px) for fill in fills] == ["100.01", "100.02", "100.03"]


def test_a_configured_share_is_rejected_by_seed_and_id() -> None:
    def rejected(seed: int) -> list[str]:
        desk = Desk(reject_share=0.3, seed=seed)
        desk.bar(100.0)
        for _ in range(200):
            desk.send(desk.limit(BUY, 1.0, 90.0))
        desk.arrive()
        return [event.client_order_id.value for event in desk.told if type(event).__name__ == "OrderRejected"]

    assert rejected(1) == rejected(1)
    assert rejected(1) != rejected(2)
    assert 40 <= len(rejected(1)) <= 80


def test_a_rejected_entry_leaves_no_exit_behind() -> None:
    desk = Desk(reject_share=1.0)
    desk.bar(100.0)
    orders = desk.bracket(BUY, 1.0, 110.0, 95.0)
    desk.arrive()
    assert [desk.status(order) for order in orders] == [OrderStatus.REJECTED] * 3


def test_an_id_that_was_taken_is_never_taken_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    order = desk.market(BUY, 1.0)
    for _ in range(3):
        desk.send(order)
        desk.arrive()
        desk.die()
        desk.bar(100.0)
    assert desk.books()["held"] == [("1.00000", 100.01, "-0.10001000 USDT")]


def test_what_travels_at_death_arrives_in_the_next_life(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    resting, gone = desk.limit(BUY, 1.0, 90.0), desk.limit(BUY, 1.0, 91.0)
    desk.send(gone)
    desk.arrive()
    desk.send(resting)
    desk.cancel(gone)
    desk.die()
    assert desk.status(gone) == OrderStatus.ACCEPTED
    assert desk.status(resting) == OrderStatus.SUBMITTED
    desk.arrive()
    assert desk.status(gone) == OrderStatus.CANCELED
    assert desk.status(resting) == OrderStatus.ACCEPTED


def test_a_market_order_waits_for_the_first_price_of_a_new_life(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    desk.die()
    order = desk.market(BUY, 1.0)
    desk.send(order)
    desk.arrive()
    assert desk.status(order) == OrderStatus.SUBMITTED
    desk.die()
    desk.arrive()
    desk.bar(120.0)
    assert desk.status(order) == OrderStatus.FILLED
    assert desk.books()["held"] == [("1.00000", 120.02, "-0.12002000 USDT")]


def test_a_cancel_of_an_order_that_never_came_leaves_no_half_of_an_order_behind(tmp_path: Path) -> None:
    """A node that dies while it sends an order may remember it and cancel it in its next life."""
    desk = Desk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    lost = desk.limit(BUY, 1.0, 90.0)
    desk.cancel(lost)
    desk.arrive()
    assert desk.names() == ["OrderCancelRejected"]
    desk.die()
    assert desk.store is not None
    assert desk.store.order(lost.client_order_id) is None


def test_an_exit_changed_before_its_entry_fills_keeps_the_change(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    orders = desk.factory.bracket(
        BTC.id, BUY, Quantity(1, 5), tp_price=Price(110, 2), sl_trigger_price=Price(90, 2), tp_post_only=False,
        entry_order_type=2, entry_price=Price(99, 2),
    )  # fmt: skip
    desk.send(SubmitOrderList(TRADER, STRATEGY, orders, UUID4(), desk.now))
    desk.arrive()
    stop = next(order for order in orders.orders if order.has_trigger_price)
    change = ModifyOrder(
        TRADER, STRATEGY, BTC.id, stop.client_order_id, None, None, None, Price(95, 2), UUID4(), desk.now
    )  # fmt: skip
    desk.send(change)
    desk.arrive()
    desk.die()
    desk.bar(100.0, 100.0, 98.0, 98.0)
    desk.bar(98.0, 98.0, 94.0, 94.0)
    assert desk.status(stop) == OrderStatus.FILLED


def test_what_fails_between_is_as_if_it_had_never_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails after the fills and before they count: the next life knows the position with its exits."""
    desk = Desk(tmp_path / "paper.sqlite")
    desk.bar(100.0)
    desk.bracket(BUY, 1.0, 110.0, 95.0)
    desk.arrive()
    before, told = desk.books(), len(desk.told)

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(OrderStore, "_keep_state", fail)
    with pytest.raises(StateError, match="the disk is gone"):
        desk.bar(100.0, 100.0, 94.0, 94.0)
    monkeypatch.undo()
    assert len(desk.told) == told
    desk.die()
    assert desk.books() == before
    desk.bar(100.0, 100.0, 94.0, 94.0)
    assert desk.books()["held"] == []


def test_one_process_holds_the_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "paper.sqlite")
    with pytest.raises(StateError, match="another process may hold the file"):
        OrderStore(tmp_path / "paper.sqlite")
    assert desk.store is not None
    desk.store.close()
    OrderStore(tmp_path / "paper.sqlite").close()
    assert os.stat(tmp_path / "paper.sqlite").st_mode & 0o077 == 0


def test_a_damaged_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "paper.sqlite").write_bytes(b"nonsense" * 1000)
    with pytest.raises(StateError, match="move it away"):
        OrderStore(tmp_path / "paper.sqlite")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["market", "limit", "bracket", "cancel", "none"]),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 5),
        st.integers(-8, 8),
        st.booleans(),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=25)
@given(steps=STEPS, oms_type=st.sampled_from(["HEDGING", "NETTING"]))
def test_a_venue_that_dies_again_and_again_ends_like_one_that_does_not(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any], oms_type: str
) -> None:
    """Whatever was sent, and whenever it died: the same orders, positions and balance."""
    mortal = Desk(tmp_path_factory.mktemp("venue") / "paper.sqlite", oms_type=oms_type)
    immortal = Desk(oms_type=oms_type)
    for desk in (mortal, immortal):
        price, sent = 100.0, []
        for kind, side, size, move, dies in steps:
            price = max(price + move, 50.0)
            desk.bar(price - move, max(price, price - move) + 1, min(price, price - move) - 1, price)
            sign = 1 if side == BUY else -1
            if kind == "market":
                desk.send(desk.market(side, size))
            elif kind == "limit":
                sent.append(desk.limit(side, size, price - 3 * sign))
                desk.send(sent[-1])
            elif kind == "bracket":
                sent += desk.bracket(side, size, price + 6 * sign, price - 4 * sign)
            elif kind == "cancel" and sent:
                desk.cancel(sent[size % len(sent)])
            desk.arrive()
            if dies and desk is mortal:
                desk.die()
    assert mortal.store is not None
    mortal.store.close()
    assert mortal.books() == immortal.books()


def test_what_is_no_market_moves_nothing() -> None:
    desk = Desk()
    desk.venue.show(CustomData(DataType(TextItem), TextItem.__new__(TextItem)))
    assert desk.names() == []


@pytest.mark.parametrize("raw", [b"", b"[1]", b'["x","y"]', b"[" * 99_999])
def test_a_saved_command_that_is_damaged_is_told(raw: bytes) -> None:
    with pytest.raises(StateError, match="a saved command is damaged"):
        saved_command(raw)
