"""What left lately: bounded, counted by the second, and held against what it was filled at."""

import pytest

from sagetrade_nautilus.guard.gate.book import ProposedOrder
from sagetrade_nautilus.guard.gate.traffic import REMEMBERED_ORDERS, SLIPPAGE_WINDOW_NS, Traffic
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

NOW = 10_000 * NANOS_PER_SECOND


def _order(number: int = 1, **fields: object) -> ProposedOrder:
    return ProposedOrder("A.V", 100.0, client_order_id=f"O-{number}", quantity=1.0, **fields)  # type: ignore[arg-type]


def test_messages_count_for_a_second_and_by_kind() -> None:
    traffic = Traffic()
    traffic.message(NOW, reduces=False, count=3)
    traffic.message(NOW, reduces=True)
    assert traffic.messages(NOW + NANOS_PER_SECOND - 1, reduces=False) == 3
    assert traffic.messages(NOW + NANOS_PER_SECOND, reduces=False) == 0
    assert traffic.messages(NOW, reduces=True) == 1


def test_memory_is_bounded() -> None:
    traffic = Traffic(2_000.0)
    for number in range(3 * REMEMBERED_ORDERS):
        ts = NOW + number * NANOS_PER_SECOND
        traffic.left([(_order(number), 10.0)], ts)
        traffic.filled(f"O-{number}", "A.V", 10.1, buys=True, ts=ts)
    assert len(traffic.sent) == 2_000
    assert len(traffic._references) == REMEMBERED_ORDERS


@pytest.mark.parametrize(
    ("named", "buys", "price", "bps"),
    [
        ((), True, 10.1, 100.0),
        ((), True, 9.9, -100.0),
        ((), False, 9.9, 100.0),
        ((10.0,), True, 10.0, 0.0),
        ((9.0, 10.0), True, 10.1, 100.0),
    ],
)
def test_a_fill_is_held_against_what_the_order_named_or_the_last_price(
    named: tuple[float, ...], buys: bool, price: float, bps: float
) -> None:
    traffic = Traffic()
    traffic.left([(_order(named_prices=named, sells=not buys), 10.0)], NOW)
    traffic.filled("O-1", "A.V", price, buys=buys, ts=NOW)
    assert traffic.slippage_bps("A.V", NOW) == pytest.approx(bps)
    assert traffic.slippage_bps("B.V", NOW) == 0.0


def test_slippage_is_the_mean_of_the_last_hour() -> None:
    traffic = Traffic()
    for number, price in enumerate((10.1, 10.3)):
        traffic.left([(_order(number), 10.0)], NOW)
        traffic.filled(f"O-{number}", "A.V", price, buys=True, ts=NOW + number)
    assert traffic.slippage_bps("A.V", NOW + 1) == pytest.approx(200.0)
    assert traffic.slippage_bps("A.V", NOW + SLIPPAGE_WINDOW_NS) == pytest.approx(300.0)
    assert traffic.slippage_bps("A.V", NOW + 1 + SLIPPAGE_WINDOW_NS) == 0.0


def test_a_fill_of_an_order_that_did_not_pass_says_nothing() -> None:
    traffic = Traffic()
    traffic.filled("X", "A.V", 99.0, buys=True, ts=NOW)
    assert traffic.slippage_bps("A.V", NOW) == 0.0
