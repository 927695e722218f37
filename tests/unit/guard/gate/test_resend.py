"""An id leaves once: again only as the very same order, and only while the venue has said nothing of it."""

import pytest
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.stubs.events import TestEventStubs
from nautilus_trader.test_kit.stubs.execution import TestExecStubs

from catalog.instruments import instrument_for
from sagetrade_nautilus.guard.gate import resend
from sagetrade_nautilus.guard.gate.resend import Resends

BTC = instrument_for("BTCUSDT.BINANCE")


def _order(size: str = "0.1", name: str = "O-1") -> Order:
    return TestExecStubs.limit_order(
        instrument=BTC,
        order_side=OrderSide.BUY,
        quantity=Quantity.from_str(size),
        price=BTC.make_price(100.0),
        client_order_id=ClientOrderId(name),
    )


def _submitted(order: Order) -> Order:
    order.apply(TestEventStubs.order_submitted(order))
    return order


def test_a_new_order_leaves() -> None:
    order = _order()
    assert Resends().refusal(order, None) is None
    assert Resends().refusal(order, order) is None


def test_what_an_earlier_run_sent_does_not_leave_again() -> None:
    order = _submitted(_order())
    assert Resends().refusal(order, order) == "resend: this run did not send it, and it is SUBMITTED"


def test_another_order_under_a_known_id_does_not_leave() -> None:
    assert Resends().refusal(_order(), _order()) is not None


def test_the_same_order_leaves_again_while_it_is_unanswered_and_no_longer() -> None:
    resends, order = Resends(), _order()
    resends.note(order)
    assert resends.refusal(_submitted(order), order) is None
    order.apply(TestEventStubs.order_accepted(order))
    assert resends.refusal(order, order) == "resend: it is ACCEPTED"


def test_a_larger_order_does_not_leave_under_the_id() -> None:
    resends, order = Resends(), _submitted(_order())
    resends.note(order)
    assert resends.refusal(_order("0.2"), order) == "resend: quantity differ from what was sent under this id"


def test_the_memory_is_bounded_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resend, "REMEMBERED_ORDERS", 1)
    resends, first, second = Resends(), _submitted(_order()), _submitted(_order(name="O-2"))
    resends.note(first)
    assert resends.refusal(first, first) is None
    resends.note(second)
    assert resends.refusal(second, second) is None
    assert resends.refusal(first, first) == "resend: this run did not send it, and it is SUBMITTED"
