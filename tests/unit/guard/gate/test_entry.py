"""What of an entry is still to be filled, as it is and as a change would make it."""

from decimal import Decimal

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.objects import Price, Quantity

from sagetrade_nautilus.guard.gate.entry import Entry, proposal
from sagetrade_nautilus.model.market import Market
from tests.support.orders import BTC, accepted, factory, filled


def _resting(size: float = 1.0, price: float = 40_000.0):
    order = factory().limit(BTC.id, OrderSide.BUY, BTC.make_qty(size), BTC.make_price(price))
    return filled(accepted(order), 0.3)


def _change(order, **changes):
    return ModifyOrder(
        order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, None,
        changes.get("quantity"), changes.get("price"), None, UUID4(), 0,
    )  # fmt: skip


def test_what_was_filled_is_no_longer_to_be_filled() -> None:
    assert Entry.of(_resting()).size == Decimal("0.7")


def test_a_change_counts_with_its_own_size_and_price_and_the_rest_stays() -> None:
    order = _resting()
    changed = Entry.of(order, _change(order, quantity=Quantity.from_str("2.0"), price=Price.from_str("41000.0")))
    assert (changed.size, changed.price) == (Decimal("1.7"), Price.from_str("41000.0"))
    assert Entry.of(order, _change(order, price=Price.from_str("41000.0"))).size == Decimal("0.7")
    assert Entry.of(order, _change(order, quantity=Quantity.from_str("2.0"))).price == order.price


@pytest.mark.parametrize(("last", "notional"), [(30_000.0, 28_000.0), (50_000.0, 35_000.0)])
def test_it_is_worth_its_size_at_the_highest_of_its_own_price_and_the_last(last: float, notional: float) -> None:
    found = proposal(Entry.of(_resting()), Market(price=last))
    assert found.notional == pytest.approx(notional)
