"""What Alpaca says of orders, executions and positions as Nautilus's reports: nothing rounded away, nothing made up."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nautilus_trader.model.enums import OrderStatus, PositionSide

from adapters.alpaca import parsing, reports, schemas
from sagetrade_nautilus.errors import DataError
from tests.support.alpaca_assets import AAPL, ACCOUNT, BTC, COIN, PARTS

TIME = "2024-01-02T15:00:00.123456789Z"


def order(**change: Any) -> schemas.Order:
    common: dict[str, Any] = {
        "id": "b1",
        "client_order_id": "O-1~2",
        "status": "new",
        "symbol": "AAPL",
        "side": "sell",
        "type": "stop_limit",
        "time_in_force": "gtc",
        "qty": "10",
        "filled_qty": "0",
        "limit_price": "90",
        "stop_price": "91.5",
        "submitted_at": TIME,
    }
    return schemas.Order(**common | change)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, OrderStatus.ACCEPTED),
        ({"status": "held"}, OrderStatus.ACCEPTED),
        ({"status": "pending_cancel", "filled_qty": "4"}, OrderStatus.PARTIALLY_FILLED),
        ({"status": "filled", "filled_qty": "10"}, OrderStatus.FILLED),
        ({"status": "canceled", "filled_qty": "4"}, OrderStatus.CANCELED),
        ({"status": "expired"}, OrderStatus.EXPIRED),
        ({"status": "rejected"}, OrderStatus.REJECTED),
        ({"status": "something new"}, OrderStatus.ACCEPTED),
    ],
)
def test_every_state_has_its_report(change: dict[str, str], status: OrderStatus) -> None:
    found = reports.order_status(order(**change), AAPL, ACCOUNT, 5, "O-1")
    assert found.order_status == status
    assert (found.client_order_id.value, found.venue_order_id.value, str(found.quantity)) == ("O-1", "b1", "10")
    assert (str(found.price), str(found.trigger_price)) == ("90.00", "91.50")


@pytest.mark.parametrize("carried", [True, False])
def test_an_order_that_replaced_another_counts_what_was_executed_before_whichever_way_alpaca_counts(
    carried: bool,
) -> None:
    counted = order(qty="10", filled_qty="4") if carried else order(qty="6", filled_qty="0")
    found = reports.order_status(counted, AAPL, ACCOUNT, 5, "O-1", Decimal(4))
    assert (str(found.quantity), str(found.filled_qty)) == ("10", "4")


def test_one_execution_has_one_name_and_another_has_another() -> None:
    names = {reports.trade_id(number, Decimal(cum)) for number in ("a", "b") for cum in ("1", "1.0", "1.00", "2")}
    assert len(names) == 4
    assert reports.trade_id("a", Decimal("1E+1")) == reports.trade_id("a", Decimal("10"))


def test_an_execution_keeps_its_price_and_a_part_of_a_share_is_not_rounded_away() -> None:
    assert str(reports.exact_price("100.123456", AAPL)) == "100.123456"
    assert str(reports.exact_price("100", AAPL)) == "100.00"
    assert str(reports.exact_quantity("0.333333333", PARTS)) == "0.333333333"
    with pytest.raises(DataError, match="set `fractional`"):
        reports.exact_quantity("1.5", AAPL)


def test_crypto_is_charged_in_what_is_received() -> None:
    bps = Decimal(25)
    assert str(reports.commission("buy", Decimal(2), Decimal(100), BTC, bps)) == "0.00500000 BTC"
    assert str(reports.commission("sell", Decimal(2), Decimal(100), BTC, bps)) == "0.50 USD"
    assert str(reports.commission("buy", Decimal(2), Decimal(100), AAPL, bps)) == "0.00 USD"


@given(st.integers(1, 10**12), st.floats(0.1, 100.0), st.integers(0, 9))
@example(steps=999_999_999_970, bps=67.4863619520299, decimals=2)
def test_a_fee_in_coins_leaves_whole_steps_and_never_more_than_is_there(steps: int, bps: float, decimals: int) -> None:
    asset = msgspec.structs.replace(COIN, min_trade_increment=f"{Decimal(1).scaleb(-decimals):f}", min_order_size=None)
    coin = parsing.instrument(asset, fractional=False, ts=1)
    bought = steps * coin.size_increment.as_decimal()
    fee = reports.commission("buy", bought, Decimal(100), coin, Decimal(str(bps))).as_decimal()
    left = bought - fee
    assert left % coin.size_increment.as_decimal() == 0
    assert left <= bought * (1 - Decimal(str(bps)) / 10_000)
    assert bought * (1 - Decimal(str(bps)) / 10_000) - left < max(coin.size_increment.as_decimal(), Decimal("1e-8"))


@pytest.mark.parametrize(
    ("theirs", "ours", "counts"),
    [
        ("0.500000012", "0.5", "0.5"),
        ("0.5", "0.5", "0.5"),
        ("0.499999999", "0.5", "0.499999999"),
        ("0.5000265", "0.5", "0.5000265"),
        ("0.00001", "0", "0"),
        ("0", "0.00001", "0.00001"),
        ("0.5", "0", "0.5"),
        ("-0.1", "0", "-0.1"),
        ("26166133.738221126", "26166133.738221128", "26166133.738221128"),  # which is one float
        ("26166133.7382", "26166133.738221128", "26166133.7382"),
    ],
)
def test_a_few_coins_more_than_our_books_say_are_what_rounding_left_and_fewer_never_are(
    theirs: str, ours: str, counts: str
) -> None:
    assert reports.agreed(Decimal(theirs), Decimal(ours), BTC) == Decimal(counts)


@pytest.mark.parametrize(
    ("available", "sent"),
    [
        ("0.4987500004", "0.498750000"),
        ("0.5", None),
        ("0.6", None),
        ("0.4", None),
        ("0", None),
    ],
)
def test_a_sale_of_slightly_more_than_is_there_is_cut_to_it_and_another_is_not(
    available: str, sent: str | None
) -> None:
    held = schemas.Position("BTCUSD", "0.6", "long", available)
    found = reports.covered(Decimal("0.5"), held, BTC)
    assert (None if found is None else str(found)) == sent
    assert reports.covered(Decimal("0.5"), None, BTC) is None


@pytest.mark.parametrize(
    ("held", "side", "quantity"),
    [
        (schemas.Position("AAPL", "5", "long"), PositionSide.LONG, "5"),
        (schemas.Position("AAPL", "-5.7", "short"), PositionSide.SHORT, "5"),
        (None, PositionSide.FLAT, "0"),
    ],
)
def test_positions(held: schemas.Position | None, side: PositionSide, quantity: str) -> None:
    found = reports.position(held, AAPL, ACCOUNT, 5)
    assert (found.position_side, str(found.quantity)) == (side, quantity)
