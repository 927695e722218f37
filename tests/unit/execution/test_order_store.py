"""What is saved of orders is read whole, or nothing goes on from it."""

from pathlib import Path

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.enums import OmsType

from catalog.instruments import instrument_for
from sagetrade_nautilus.errors import StateError
from sagetrade_nautilus.execution.order_store import OrderStore

BTC = instrument_for("BTCUSDT.BINANCE")
DAMAGED = (b"", b"[]", b"{}", b"\xff", b"[" * 99_999, b'{"type":"CurrencyPair"}')


@pytest.mark.parametrize("raw", DAMAGED)
def test_a_damaged_row_is_told_by_its_file(tmp_path: Path, raw: bytes) -> None:
    store = OrderStore(tmp_path / "orders.sqlite")
    store.write("instruments", BTC.id.value, raw)
    with pytest.raises(StateError, match=r"orders\.sqlite: a saved .* is damaged"):
        store.restore(Cache(), OmsType.HEDGING)


@pytest.mark.parametrize("links", ["", "{}", "[1]", "[" * 99_999])
def test_damaged_links_of_an_order_are_told_by_the_file(tmp_path: Path, links: str) -> None:
    store = OrderStore(tmp_path / "orders.sqlite")
    store._db.execute("INSERT INTO orders VALUES ('O-1', NULL, 0, ?)", (links,))
    with pytest.raises(StateError, match=r"orders\.sqlite: what orders are linked is damaged"):
        store.restore(Cache(), OmsType.HEDGING)
