"""The paper venue: what it does with commands and data."""

from nautilus_trader.model.data import CustomData, DataType
from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.data import TextItem
from tests.support.paper_desk import BUY, PaperDesk


def test_an_order_arrives_after_the_latency_and_not_before() -> None:
    desk = PaperDesk()
    desk.bar(100.0)
    desk.send(desk.market(BUY, 1.0))
    desk.venue.settle(desk.now + 49_999_999)
    assert desk.names() == []
    desk.venue.settle(desk.now + 50_000_000)
    assert desk.names() == ["OrderFilled"]
    assert desk.told[0].ts_event == desk.now + 50_000_000


def test_a_large_order_is_filled_in_parts_at_worse_and_worse_prices() -> None:
    desk = PaperDesk(depth=1_000.0, depth_levels=3)
    desk.bar(100.0)
    desk.send(desk.market(BUY, 25.0))
    desk.arrive()
    fills = [event for event in desk.told if type(event).__name__ == "OrderFilled"]
    assert len(fills) == 3
    assert sum(fill.last_qty.as_double() for fill in fills) == 25.0
    assert [str(fill.last_px) for fill in fills] == ["100.01", "100.02", "100.03"]


def test_a_configured_share_is_rejected_by_seed_and_id() -> None:
    def rejected(seed: int) -> list[str]:
        desk = PaperDesk(reject_share=0.3, seed=seed)
        desk.bar(100.0)
        for _ in range(200):
            desk.send(desk.limit(BUY, 1.0, 90.0))
        desk.arrive()
        return [event.client_order_id.value for event in desk.told if type(event).__name__ == "OrderRejected"]

    assert rejected(1) == rejected(1)
    assert rejected(1) != rejected(2)
    assert 40 <= len(rejected(1)) <= 80


def test_a_rejected_entry_leaves_no_exit_behind() -> None:
    desk = PaperDesk(reject_share=1.0)
    desk.bar(100.0)
    orders = desk.bracket(BUY, 1.0, 110.0, 95.0)
    desk.arrive()
    assert [desk.status(order) for order in orders] == [OrderStatus.REJECTED] * 3


def test_what_is_no_market_moves_nothing() -> None:
    desk = PaperDesk()
    desk.venue.show(CustomData(DataType(TextItem), TextItem.__new__(TextItem)))
    assert desk.names() == []
