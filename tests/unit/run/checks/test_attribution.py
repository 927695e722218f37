"""Two runs matched piece by piece, and the cause of every difference."""

from typing import Any

import pytest

from sagetrade_nautilus.run.checks.attribution import (
    ABSENT,
    ACCOUNT,
    FEE,
    FILL,
    LATENCY,
    OTHER,
    REJECT,
    SIGNAL,
    Difference,
    Parity,
    attribute,
)
from sagetrade_nautilus.run.checks.compare import Step

MS = 1_000_000
NAME = "O-1"


def signal(ts: int = 5, score: float = 0.5) -> Step:
    return Step("signal", ts, "QuantSignal", "BTC", {"type": "QuantSignal", "ts_init": ts, "score": score})


def decision(name: str = "d1", **changes: Any) -> Step:
    fields = {"ts": 5, "decision_id": name, "score": 0.5, "verdict": "taken", "equity": 100.0, "why": "", **changes}
    return Step("decision", fields["ts"], "decision of p", "BTC", fields)


def order(event: str, ts: int, **changes: Any) -> Step:
    fields = {"ts": ts, "event": event, "client_order_id": NAME, "tags": ["t1", "entry"], "reason": "", **changes}
    return Step("order", ts, f"order {event}", NAME, fields)


def filled(ts: int = 50 * MS, price: float = 100.0, size: float = 2.0, fee: float = 0.2, **changes: Any) -> list[Step]:
    """Return an order to buy that is filled."""
    return [
        order("initialized", 0, side="buy", **changes),
        order(
            "filled", ts, last_px=price, last_qty=size, commission=fee, side="buy", **{"currency": "USDT", **changes}
        ),
    ]


def compared(kind: str, first: list[Step], second: list[Step]) -> Parity:
    nothing: dict[str, list[Step]] = {"signal": [], "decision": [], "order": []}
    return attribute({**nothing, kind: first}, {**nothing, kind: second})


def only(kind: str, first: list[Step], second: list[Step]) -> Difference:
    (difference,) = compared(kind, first, second).differences
    return difference


def test_equal_runs_hold() -> None:
    steps = {"signal": [signal()], "decision": [decision()], "order": filled()}
    found = attribute(steps, steps)
    assert (found.holds, found.same, found.differences) == (True, {"signal": 1, "decision": 1, "order": 1}, ())


def test_a_signal_that_says_something_else_breaks_parity() -> None:
    found = compared("signal", [signal(), signal(6)], [signal(), signal(6, 0.51)])
    assert not found.holds
    assert found.same["signal"] == 1
    assert (found.differences[0].cause, found.differences[0].field) == (SIGNAL, "score")


def test_a_missing_piece_shifts_none_of_the_others() -> None:
    found = compared("signal", [signal(5), signal(6), signal(7)], [signal(5), signal(7)])
    assert found.same["signal"] == 2
    assert [one.cause for one in found.differences] == [ABSENT]


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"score": 0.6, "equity": 99.0}, SIGNAL),
        ({"ts": 5 + 120 * MS, "equity": 99.0}, LATENCY),
        ({"equity": 99.0}, ACCOUNT),
        ({"verdict": "refused_sizing"}, ACCOUNT),
    ],
)
def test_a_decision_differs_by_its_signal_its_time_or_the_account(changes: dict[str, Any], cause: str) -> None:
    difference = only("decision", [decision()], [decision(**changes)])
    assert difference.cause == cause
    assert difference.effect == (120.0 if cause == LATENCY else 0.0)


def test_a_decision_that_one_side_denied_differs() -> None:
    difference = only("decision", [decision()], [decision(), decision(verdict="denied_by_guard")])
    assert (difference.cause, difference.first, difference.second) == (ABSENT, "nothing", "denied_by_guard")


@pytest.mark.parametrize(
    ("other", "cause", "effect"),
    [
        (filled(price=100.1), FILL, 10.0),
        (filled(size=1.5), FILL, 0.0),
        (filled(price=100.1, ts=60 * MS, fee=0.9), FILL, 10.0),
        (filled(fee=0.3), FEE, 0.1),
        (filled(ts=75 * MS), LATENCY, 25.0),
        ([order("initialized", 0, side="buy"), order("rejected", 50 * MS, reason="no margin")], REJECT, 0.0),
        ([order("initialized", 0, side="buy"), order("canceled", 50 * MS)], FILL, 0.0),
        (filled(quantity=1.5, size=1.5), ACCOUNT, 0.0),
        ([], ABSENT, 0.0),
    ],
)
def test_an_order_differs_by_what_counts_most(other: list[Step], cause: str, effect: float) -> None:
    difference = only("order", filled(), other)
    assert difference.cause == cause
    assert difference.effect == pytest.approx(effect)
    assert compared("order", filled(), other).holds, "orders are reported, and break no parity"


def test_a_fill_that_is_worse_is_one_whatever_a_coin_costs() -> None:
    difference = only("order", filled(price=1.234e-8), filled(price=1.235e-8))
    assert (difference.cause, difference.field) == (FILL, "price")
    assert difference.effect == pytest.approx(10_000 / 1_234)


def test_the_same_fill_in_two_parts_differs_by_nothing_that_costs() -> None:
    parts = [
        order("initialized", 0, side="buy"),
        order("partially_filled", 50 * MS, last_px=100.0, last_qty=1.0, commission=0.1, currency="USDT"),
        order("filled", 50 * MS, last_px=100.0, last_qty=1.0, commission=0.1, currency="USDT"),
    ]
    assert only("order", filled(), parts).cause == OTHER


@pytest.mark.parametrize(
    ("currency", "fees", "other", "cause"),
    [
        ("BTC", [0.00000040], [0.00000080], FEE),  # of an account in a dear coin
        ("BTC", [0.00000040], [0.00000041], FEE),
        ("USD", [0.25], [0.12, 0.12], OTHER),  # of 0.2499, in halves of 0.12495
        ("USD", [0.25], [0.12, 0.11], FEE),
        ("USDT", [0.2], [0.1, 0.1], OTHER),
    ],
)
def test_a_fee_is_another_beyond_what_its_parts_are_rounded_by_in_their_currency(
    currency: str, fees: list[float], other: list[float], cause: str
) -> None:
    def paid(parts: list[float]) -> list[Step]:
        size = 2.0 / len(parts)
        fills = [
            order("filled", 50 * MS, last_px=1.0, last_qty=size, commission=fee, currency=currency) for fee in parts
        ]
        return [order("initialized", 0, side="buy"), *fills]

    assert only("order", paid(fees), paid(other)).cause == cause


def test_orders_are_matched_by_trade_and_role_whatever_their_numbers_are() -> None:
    left = filled(reason="of O-20220501-1")
    renamed = [
        Step(one.kind, one.ts, one.component, "O-7", {**one.fields, "client_order_id": "O-7", "reason": "of O-7"})
        for one in left
    ]
    assert compared("order", left, renamed).same["order"] == 1


def test_a_second_order_of_the_same_role_is_matched_with_the_second() -> None:
    first = [*filled(client_order_id="O-1"), *filled(client_order_id="O-2", price=101.0)]
    assert compared("order", first, first).same["order"] == 2
