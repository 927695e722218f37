"""What a fill in a journal moved and cost, in one currency, whatever its fee was taken in."""

from math import isclose

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.guard.journal.fills import fill_of
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.model.round_trips import trade_amounts

amounts = st.floats(1e-3, 1e3)
shares = st.floats(0.0, 0.01)


def record(side: str, quantity: float, price: float, fee: float, currency: str, *tags: str) -> OrderRecord:
    return OrderRecord(
        ts=1 if side == "buy" else 2,
        event="filled",
        client_order_id=f"O-{side}",
        tags=tags or ("p-1", "entry" if side == "buy" else "stop_loss"),
        strategy="p",
        instrument_id="BTC/USD.ALPACA",
        side=side,
        last_qty=quantity,
        last_px=price,
        commission=fee,
        currency=currency,
    )


@given(quantity=amounts, entry=amounts, leaving=amounts, share=shares, fee=shares)
def test_a_trade_whose_fee_was_taken_in_coin_closes_and_nets_the_money_that_came_less_what_went(
    quantity: float, entry: float, leaving: float, share: float, fee: float
) -> None:
    held = quantity * (1.0 - share)
    bought = fill_of(record("buy", quantity, entry, quantity * share, "BTC"))
    sold = fill_of(record("sell", held, leaving, fee, "USD"))
    assert bought is not None
    assert sold is not None
    net = trade_amounts([bought, sold]).net_pnl
    assert isclose(net, held * leaving - quantity * entry - fee, rel_tol=1e-9, abs_tol=1e-9 * quantity * entry)


def test_coin_that_a_sale_took_besides_has_left_too() -> None:
    sold = fill_of(record("sell", 1.0, 100.0, 0.01, "BTC"))
    assert sold is not None
    assert (sold.quantity, sold.commission) == (1.01, 1.0)


@pytest.mark.parametrize("symbol", ["USDT/USD.ALPACA", "USDTUSD.KRAKEN", "USD.X"])
def test_a_fee_in_the_currency_of_the_price_is_none_in_coin_though_the_coins_name_begins_like_it(symbol: str) -> None:
    sold = fill_of(msgspec.structs.replace(record("sell", 100.0, 2.0, 0.5, "USD"), instrument_id=symbol))
    assert sold is not None
    assert (sold.quantity, sold.commission) == (100.0, 0.5)


@pytest.mark.parametrize(
    "told",
    [
        OrderRecord(ts=1, event="accepted", client_order_id="O-1", tags=("p-1", "entry")),
        record("buy", 1.0, 100.0, 0.0, "USD", "p-1"),
    ],
    ids=["no fill", "of no trade"],
)
def test_what_is_no_fill_of_a_trade_is_none(told: OrderRecord) -> None:
    assert fill_of(told) is None


def test_a_dollar_is_no_part_of_a_share() -> None:
    fill = fill_of(record("buy", 1.0, 100.0, 0.5, "USD"))
    assert fill is not None
    assert (fill.quantity, fill.commission, fill.is_entry) == (1.0, 0.5, True)
