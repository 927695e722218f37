"""What is saved of orders is read whole, or nothing goes on from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OmsType, OrderSide
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import AccountId, StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity

from catalog.instruments import instrument_for
from sagetrade_nautilus.errors import StateError
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.execution.packing import pack, unpack

BTC = instrument_for("BTCUSDT.BINANCE")
DAMAGED = (b"", b"[]", b"{}", b"\xff", b"[" * 99_999, b'{"type":"CurrencyPair"}')


def _with_an_order(path: Path) -> OrderStore:
    cache, store = Cache(), OrderStore(path)
    order = OrderFactory(TraderId("T-1"), StrategyId("s-1"), TestClock()).limit(
        BTC.id, OrderSide.BUY, Quantity(1, 5), Price(100, 2)
    )
    cache.add_order(order)
    names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
    order.apply(OrderSubmitted(*names, AccountId("BINANCE-001"), UUID4(), 0, 0))
    store.add_instrument(BTC)
    store.add_events(order.events, cache)
    return store


@pytest.mark.parametrize("raw", DAMAGED)
def test_a_damaged_row_is_told_by_its_file(tmp_path: Path, raw: bytes) -> None:
    store = OrderStore(tmp_path / "orders.sqlite")
    store.write("instruments", BTC.id.value, raw)
    with pytest.raises(StateError, match=r"orders\.sqlite: a saved .* is damaged"):
        store.restore(Cache(), OmsType.HEDGING)


@pytest.mark.parametrize("raw", [*DAMAGED, "é"])
def test_a_damaged_number_is_told_by_its_file(tmp_path: Path, raw: bytes | str) -> None:
    store = OrderStore(tmp_path / "orders.sqlite")
    assert store.count("life") == 0
    store._db.execute("INSERT INTO notes VALUES ('life', ?)", (raw,))
    with pytest.raises(StateError, match=r"orders\.sqlite: life is damaged"):
        store.count("life")


@pytest.mark.parametrize("links", ["", "{}", "[1]", "[" * 99_999])
def test_damaged_links_of_an_order_are_told_by_the_file(tmp_path: Path, links: str) -> None:
    store = OrderStore(tmp_path / "orders.sqlite")
    store._db.execute("INSERT INTO orders VALUES ('O-1', NULL, 0, ?)", (links,))
    with pytest.raises(StateError, match=r"orders\.sqlite: what orders are linked is damaged"):
        store.restore(Cache(), OmsType.HEDGING)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE events SET raw = CAST(REPLACE(CAST(raw AS TEXT), 'O-1970', 'O-197\u00e9') AS BLOB)", "is damaged"),
        ("UPDATE events SET raw = CAST(REPLACE(CAST(raw AS TEXT), 'LIMIT', 'L\u00cfMIT') AS BLOB)", "is damaged"),
        ("UPDATE orders SET id = 'O-\u00e9'", "a saved id is damaged"),
        ("UPDATE orders SET id = ' '", "a saved id is damaged"),
        ("UPDATE orders SET position = ''", "a saved id is damaged"),
        ("DELETE FROM events WHERE seq = 1", "events of O-.* are damaged"),
    ],
)
def test_what_would_end_the_process_in_nautilus_is_told_by_the_file(tmp_path: Path, change: str, told: str) -> None:
    store = _with_an_order(tmp_path / "orders.sqlite")
    assert len(store.restore(Cache(), OmsType.HEDGING)) == 1
    store._db.executescript(change)
    with pytest.raises(StateError, match=rf"orders\.sqlite: .*{told}"):
        store.restore(Cache(), OmsType.HEDGING)


@given(st.data())
def test_what_was_packed_comes_back_and_one_byte_that_differs_is_found(data: st.DataObject) -> None:
    packed = pack(BTC)
    assert unpack(packed) == BTC
    place = data.draw(st.integers(0, len(packed) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != packed[place]))
    with pytest.raises(ValueError, match="checksum"):
        unpack(packed[:place] + bytes([byte]) + packed[place + 1 :])
