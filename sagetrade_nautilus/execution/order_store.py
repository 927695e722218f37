"""What must be known of orders and positions after a death: their events, in one SQLite file.

One process holds a file at a time; its death lets go of it. What was committed survives `kill -9` at any point, and
what was not never was. A closed order stays in the file, so that its id is never taken twice, but only what is open
comes back into a cache: open orders, the orders behind open positions, and whatever those are linked to.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.cache.cache import Cache
from nautilus_trader.core.fsm import InvalidStateTrigger
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.events import OrderEvent, OrderFilled, OrderInitialized
from nautilus_trader.model.identifiers import ClientOrderId, PositionId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.durable import FILE_MODE, FOLDER_MODE
from sagetrade_nautilus.errors import StateError
from sagetrade_nautilus.execution.packing import pack, unpack
from sagetrade_nautilus.execution.replaying import order_of, position_of

MEMORY = ":memory:"
BY_HAND = "move it away and compare with the venue by hand"
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, position TEXT, closed INTEGER NOT NULL, links TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, position TEXT, raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of_order ON events (id);
CREATE INDEX IF NOT EXISTS fills_of_position ON events (position) WHERE position IS NOT NULL;
CREATE TABLE IF NOT EXISTS instruments (id TEXT PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, raw BLOB NOT NULL);
"""
OPEN = """
SELECT id FROM orders WHERE closed = 0 OR id IN (SELECT id FROM events WHERE position IS NOT NULL) ORDER BY rowid
"""
"""Orders that are open, or have filled a position that is: a fill names its position only as long as that is open."""
UNFIT = (*UNDECODABLE, LookupError, AttributeError, TypeError, ArithmeticError, InvalidStateTrigger)
"""What Nautilus raises for values that do not belong together."""
HELD = "SELECT position FROM events WHERE position IS NOT NULL GROUP BY position ORDER BY MIN(seq)"


class OrderStore:
    """The events of orders, durable.

    Parameters
    ----------
    path : Path, optional
        The file, made if it is missing; without one everything is forgotten at the end.
    survives_power_loss : bool
        Whether each change is put on the disk before it counts. Without, a change survives the death of the process,
        but not that of the machine.

    Raises
    ------
    StateError
        Another process holds the file, or it cannot be read or written.
    """

    def __init__(self, path: Path | None, *, survives_power_loss: bool = True) -> None:
        self._path = path
        with self._edge():
            if path is not None:
                path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE))
            self._db = sqlite3.connect(path or MEMORY, isolation_level=None, timeout=0.0, check_same_thread=False)
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {'FULL' if survives_power_loss else 'NORMAL'}")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
            self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def changes(self) -> Iterator[None]:
        """Make all changes within count together, or none."""
        with self._edge():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # What is written

    def add_instrument(self, instrument: Instrument) -> None:
        """Keep an instrument: without it no position can be read again."""
        self.write("instruments", instrument.id.value, pack(instrument))

    def add_events(self, events: Iterable[OrderEvent], cache: Cache) -> None:
        """Keep events of orders; `cache` is what they have been applied to, but for an order that is only made now.

        An event that its order did not take, because it came too late or twice, is left out, and so is one of an order
        that never came: a cancel of it is refused, and that must not be read as the order's beginning.
        """
        for event in events:
            order = cache.order(event.client_order_id)
            begins = isinstance(event, OrderInitialized)
            if event not in order.events if order is not None else not (begins or self.has(event.client_order_id)):
                continue
            name = event.client_order_id.value
            position_id = event.position_id.value if isinstance(event, OrderFilled) and event.position_id else None
            self._db.execute(
                "INSERT INTO events (id, position, raw) VALUES (?, ?, ?)", (name, position_id, pack(event))
            )
            if begins:
                linked = [*(event.linked_order_ids or ()), event.parent_order_id]
                links = msgspec.json.encode([link.value for link in linked if link is not None]).decode()
                self._db.execute("INSERT OR IGNORE INTO orders VALUES (?, NULL, 0, ?)", (name, links))
            self._keep_state(event, cache)

    def _keep_state(self, event: OrderEvent, cache: Cache) -> None:
        order, position_id = cache.order(event.client_order_id), cache.position_id(event.client_order_id)
        if order is not None:
            self._db.execute(
                "UPDATE orders SET position = ?, closed = ? WHERE id = ?",
                (None if position_id is None else position_id.value, order.is_closed, event.client_order_id.value),
            )
        position = cache.position(event.position_id) if isinstance(event, OrderFilled) else None
        if position is not None and position.is_closed:
            self._db.execute("UPDATE events SET position = NULL WHERE position = ?", (position.id.value,))

    def write(self, table: str, name: str, raw: bytes | None) -> None:
        """Put `raw` under `name` into 'notes' or 'instruments', or take it away."""
        column = {"notes": "name", "instruments": "id"}[table]
        if raw is None:
            self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))  # noqa: S608 - one of two names
        else:
            self._db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (name, raw))  # noqa: S608

    # What is read

    def notes(self, prefix: str) -> dict[str, bytes]:
        """Return the notes whose names begin with `prefix`, oldest first."""
        with self._edge():
            found = self._db.execute("SELECT name, raw FROM notes ORDER BY rowid").fetchall()
        return {name: raw for name, raw in found if name.startswith(prefix)}

    def count(self, name: str) -> int:
        """Return the number that is noted under `name`, 0 if none is.

        Raises
        ------
        StateError
            It was damaged since.
        """
        raw = self.notes(name).get(name, b"0")
        try:
            return int(raw)
        except ValueError:
            raise StateError(f"{self._path}: {name} is damaged: {raw!r:.40}; {BY_HAND}") from None

    def has(self, client_order_id: ClientOrderId) -> bool:
        """Tell whether an order was ever kept."""
        with self._edge():
            found = self._db.execute("SELECT 1 FROM orders WHERE id = ?", (client_order_id.value,)).fetchone()
        return found is not None

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return an order as its events left it; ``None`` if it is unknown."""
        events = self._events(client_order_id.value)
        try:
            return order_of(events) if events else None
        except UNFIT as error:
            raise StateError(f"{self._path}: events of {client_order_id} are damaged ({error!r}); {BY_HAND}") from None

    def instruments(self) -> list[Instrument]:
        """Return the instruments that were kept."""
        with self._edge():
            found = self._db.execute("SELECT raw FROM instruments ORDER BY rowid").fetchall()
        return [self._unpacked(raw, Instrument) for (raw,) in found]

    def restore(self, cache: Cache, oms_type: OmsType) -> list[Order]:
        """Put instruments, orders and positions that are still needed into `cache`, and return those orders.

        What the cache has already is left as it is.
        """
        for instrument in self.instruments():
            if cache.instrument(instrument.id) is None:
                cache.add_instrument(instrument)
        orders = []
        for name in self._needed():
            order = self.order(ClientOrderId(self._id(name, is_plain=True)))
            if order is not None and cache.order(order.client_order_id) is None:
                cache.add_order(order, self._position_of(name))
                cache.update_order(order)
                orders.append(order)
        with self._edge():
            names = self._db.execute(HELD).fetchall()
        for (name,) in names:
            position = self._position(name, cache)
            if position is not None and cache.position(position.id) is None:
                cache.add_position(position, oms_type)
                cache.update_position(position)
        return orders

    def _needed(self) -> list[str]:
        """Return the ids of all orders that are open, stand behind an open position, or are linked to such a one."""
        with self._edge():
            wanted = [name for (name,) in self._db.execute(OPEN)]
            links = dict(self._db.execute("SELECT id, links FROM orders"))
        found = dict.fromkeys(wanted)
        while wanted:
            more = [link for name in wanted for link in self._linked(links[name]) if link in links]
            wanted = [name for name in dict.fromkeys(more) if name not in found]
            found |= dict.fromkeys(wanted)
        return list(found)

    def _linked(self, raw: str) -> list[str]:
        try:
            return msgspec.json.decode(raw, type=list[str])
        except UNDECODABLE as error:
            raise StateError(f"{self._path}: what orders are linked is damaged ({error}); {BY_HAND}") from None

    def _position_of(self, name: str) -> PositionId | None:
        with self._edge():
            (found,) = self._db.execute("SELECT position FROM orders WHERE id = ?", (name,)).fetchone()
        return None if found is None else PositionId(self._id(found))

    def _id(self, name: object, *, is_plain: bool = False) -> str:
        """Return an id that Nautilus takes; an order's that is not ASCII would end the process."""
        if isinstance(name, str) and name.strip() and (name.isascii() or not is_plain):
            return name
        raise StateError(f"{self._path}: a saved id is damaged: {name!r:.40}; {BY_HAND}")

    def _position(self, name: str, cache: Cache) -> Position | None:
        """Return a position as its fills make it."""
        query = "SELECT raw FROM events WHERE position = ? ORDER BY seq"
        with self._edge():
            found = self._db.execute(query, (name,)).fetchall()
        return position_of([self._unpacked(raw, OrderFilled) for (raw,) in found], cache)

    def _events(self, name: str) -> list[OrderEvent]:
        with self._edge():
            found = self._db.execute("SELECT raw FROM events WHERE id = ? ORDER BY seq", (name,)).fetchall()
        return [self._unpacked(raw, OrderEvent) for (raw,) in found]

    # The edges

    def unpack(self, raw: bytes) -> Any:
        """Return what was packed.

        Raises
        ------
        StateError
            It was damaged since.
        """
        try:
            return unpack(raw)
        except UNFIT as error:
            raise StateError(f"{self._path}: a saved event or instrument is damaged ({error!r}); {BY_HAND}") from None

    def _unpacked[Kept](self, raw: bytes, kind: type[Kept]) -> Kept:
        found = self.unpack(raw)
        if not isinstance(found, kind):
            raise StateError(f"{self._path}: a saved {kind.__name__} is damaged: it is another thing; {BY_HAND}")
        return found

    @contextmanager
    def _edge(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StateError(
                f"{self._path}: saved orders cannot be read or written: {error}; another process may hold the file, "
                f"the disk may be full, or it is damaged: then {BY_HAND}"
            ) from None
