"""The gate before a live engine's queue: what has passed and not left yet counts, each for itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import OrderSide, OrderStatus

from sagetrade_nautilus.drill.plan import SYMBOLS
from tests.support.queued import BTC, ETH, Stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.host.end()


def test_an_entry_that_waits_in_the_queue_counts(stand: Stand) -> None:
    stand.send(BTC, 0.2)
    stand.send(BTC, 0.21)
    assert [denial.split(":")[0] for denial in stand.denials()] == ["max_symbol_exposure_pct"]


def test_what_has_left_the_queue_counts_once(stand: Stand) -> None:
    stand.send(BTC, 0.12)
    stand.flow()
    stand.send(BTC, 0.11)
    assert stand.denials() == []


def test_an_exit_that_waits_in_the_queue_counts(stand: Stand) -> None:
    stand.send(BTC, 0.1)
    stand.flow()
    stand.send(BTC, 0.1, OrderSide.SELL, leave=True)
    stand.send(BTC, 0.1, OrderSide.SELL, leave=True)
    assert len(stand.denials()) == 1
    assert stand.world.venue.net(SYMBOLS[0]) == 0


def test_an_exit_that_waits_takes_nothing_from_another_instrument(stand: Stand) -> None:
    stand.send(BTC, 0.1)
    stand.send(ETH, 1.0)
    stand.flow()
    stand.send(BTC, 0.1, OrderSide.SELL, leave=True)
    stand.send(ETH, 1.0, OrderSide.SELL, leave=True)
    assert stand.denials() == []
    assert [stand.world.venue.net(symbol) for symbol in SYMBOLS] == [0, 0]


def test_an_order_whose_repeat_is_refused_while_it_waits_lives_on(stand: Stand) -> None:
    order = stand.send(BTC, 0.1)
    again = SubmitOrder(order.trader_id, order.strategy_id, order, UUID4(), stand.node.now())
    stand.node.programs[0].msgbus.send("ExecEngine.execute", again)
    assert order.status == OrderStatus.INITIALIZED
    assert [denial.split(":")[0] for denial in stand.denials()] == ["resend"]
    assert order.status == OrderStatus.FILLED
    assert stand.world.venue.net(SYMBOLS[0]) == order.quantity.as_decimal()
