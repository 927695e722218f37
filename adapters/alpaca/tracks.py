"""What Nautilus has been told of each order, so that every piece of news is told once. No I/O.

News of one order come from several sides: the answer to its submission, the stream, a question, a sweep. Nautilus
queues what it is told, so its cache may be behind; this is not.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import ClientOrderId, TradeId, VenueOrderId
from nautilus_trader.model.orders import Order

from adapters.alpaca import schemas
from adapters.alpaca.orders import STOPS, SUFFIX, base_id, change_number
from adapters.alpaca.parsing import is_same
from adapters.alpaca.reports import is_real


@dataclass
class Track:
    """One order of ours.

    Parameters
    ----------
    order : Order
        As Nautilus's cache has it.
    current : str, optional
        Alpaca's id of it now; a change gives it another.
    executed : dict
        What was executed under each of Alpaca's ids.
    trades : set
        The names of the executions that were told.
    covered : dict
        Up to which cumulative quantity under each of Alpaca's ids Nautilus has made executions up by itself.
    accepted, closed : bool
        Whether that was told.
    quantity : Decimal
        How much of it there is in all, as it was told.
    number : int
        The how-manieth replacement of ours `current` is.
    changes : int
        How many changes were asked for.
    wanted : str, optional
        The client order id of a replacement that was asked for and is not confirmed.
    asked_ns : int
        When it was asked for.
    whole : Decimal, optional
        The base quantity that was told of an order for an amount of money.
    seen : int
        How many of the order's events were looked at.
    taken : bool
        Whether another's order has its id at Alpaca, as two nodes of one account may make it up: ours was refused.
    """

    order: Order
    current: str | None = None
    executed: dict[str, Decimal] = field(default_factory=dict)
    trades: set[str] = field(default_factory=set)
    covered: dict[str, Decimal] = field(default_factory=dict)
    accepted: bool = False
    closed: bool = False
    quantity: Decimal = Decimal(0)
    number: int = 0
    changes: int = 0
    wanted: str | None = None
    asked_ns: int = 0
    whole: Decimal | None = None
    seen: int = 0
    taken: bool = False

    def is_of(self, order: schemas.Order) -> bool:
        """Tell whether `order`, which has its id or one that was made from it, is of the same instrument and ours."""
        return not self.taken and is_same(order.symbol, self.order.instrument_id.symbol.value)

    @property
    def total(self) -> Decimal:
        """What was executed in all."""
        return sum(self.executed.values(), Decimal(0))

    def misses_fills(self, order: schemas.Order) -> bool:
        """Tell whether Alpaca counts more executions than were told.

        Whether it counts those of the orders that this one has replaced is not documented.
        """
        filled = Decimal(order.filled_qty or 0)
        return self.executed.get(order.id, Decimal(0)) < filled and not (order.replaces and self.total >= filled)

    def is_replaced_by(self, order: schemas.Order) -> bool:
        """Tell whether `order` is a newer one than `current`: by our numbers, or because Alpaca says so."""
        newer = number_of(self.order, order) > self.number
        return order.id != self.current and (newer or (order.replaces is not None and order.replaces == self.current))

    def knows(self, name: TradeId, order_id: str, cumulative: Decimal) -> bool:
        """Tell whether an execution was told: by its name, or as a part of what Nautilus has made up."""
        told = name.value in self.trades or name in self.order.trade_ids
        return told or cumulative <= self.covered.get(order_id, 0)

    def take_in(self) -> None:
        """Take what Nautilus has by itself, from its cache or its own reconciliation, as told."""
        events = self.order.events
        for event in events[self.seen :]:
            if isinstance(event, OrderFilled) and event.trade_id.value not in self.trades:
                number = event.venue_order_id.value
                self.trades.add(event.trade_id.value)
                self.executed[number] = self.executed.get(number, Decimal(0)) + event.last_qty.as_decimal()
                if not is_real(event.trade_id):
                    self.covered[number] = self.executed[number]
        self.seen = len(events)
        if not self.accepted and self.order.venue_order_id is not None:
            self.accepted, self.current = True, self.order.venue_order_id.value
        self.closed = self.closed or self.order.is_closed

    def next_name(self) -> str:
        """Return the client order id for the next replacement: ours, and a number that was not used."""
        self.changes += 1
        return f"{self.order.client_order_id.value}{SUFFIX}{self.changes}"


class Tracks:
    """The orders of ours that Alpaca has, or may have.

    Parameters
    ----------
    cache : CacheFacade
        Where Nautilus keeps its orders.
    """

    def __init__(self, cache: CacheFacade) -> None:
        self._cache = cache
        self._tracks: dict[ClientOrderId, Track] = {}
        self._unended: list[Track] = []
        self._names: dict[str, ClientOrderId] = {}

    def of(self, client_order_id: ClientOrderId) -> Track | None:
        """Return what is known of an order by our id; ``None`` if it is none of ours."""
        track = self._tracks.get(client_order_id)
        if track is None:
            order = self._cache.order(client_order_id)
            if order is None:
                return None
            track = self._tracks[client_order_id] = Track(order, quantity=order.quantity.as_decimal())
            self._unended.append(track)
        if track.seen != track.order.event_count:
            track.take_in()
            self._names.update(dict.fromkeys(track.executed, client_order_id))
            if track.current is not None:
                self._names[track.current] = client_order_id
        return track

    def find(self, order: schemas.Order) -> Track | None:
        """Return what is known of an order by Alpaca's word on it; ``None`` if it is none of ours."""
        known = self._names.get(order.id) or self._cache.client_order_id(VenueOrderId(order.id))
        for name in (known, ClientOrderId(base_id(order.client_order_id)), self._names.get(order.replaces or "")):
            track = self.of(name) if name is not None else None
            if track is not None and track.is_of(order):
                self._names[order.id] = track.order.client_order_id
                track.changes = max(track.changes, number_of(track.order, order))
                if order.id == track.current:
                    track.number = number_of(track.order, order)
                return track
        return None

    def find_id(self, order_id: str) -> Track | None:
        """Return what is known of an order by Alpaca's id."""
        name = self._names.get(order_id) or self._cache.client_order_id(VenueOrderId(order_id))
        return self.of(name) if name is not None else None

    def rename(self, order: schemas.Order, ours: Order) -> None:
        """Take it from now on that `order` is `ours`, whatever Alpaca calls it."""
        self._names[order.id] = ours.client_order_id
        track = self.of(ours.client_order_id)
        if track is not None:
            track.current = track.current or order.id  # by which it is asked for

    def learn_legs(self, parent: schemas.Order) -> None:
        """Take Alpaca's names of the orders that belong to one of ours: a bracket's exits get ids of Alpaca's own."""
        track = self.find(parent) if parent.legs else None
        if track is None or not parent.legs:
            return
        names = track.order.linked_order_ids or []
        exits = [order for order in map(self._cache.order, names) if order is not None]
        for leg in parent.legs:
            stop = leg.type in STOPS
            fits = [order for order in exits if (order.order_type != OrderType.LIMIT) == stop]
            if len(fits) == 1:
                self._names.setdefault(leg.id, fits[0].client_order_id)

    def lacks_legs(self, parent: schemas.Order) -> bool:
        """Tell whether Alpaca's names of the orders that belong to one of ours are not known, and it does not say."""
        track = self.find(parent) if parent.order_class and not parent.legs else None
        names = (track.order.linked_order_ids or []) if track is not None else []
        known = set(self._names.values())
        exits = [order for order in map(self._cache.order, names) if order is not None]
        return any(order.venue_order_id is None and order.client_order_id not in known for order in exits)

    def open(self) -> list[Track]:
        """Return the orders that may still change, by what was told."""
        known = [track.order for track in self._unended]
        for order in (*known, *self._cache.orders_open(), *self._cache.orders_inflight()):
            self.of(order.client_order_id)  # which takes in what Nautilus has by itself
        self._unended = [track for track in self._unended if not track.closed]
        return list(self._unended)


def number_of(ours: Order, order: schemas.Order) -> int:
    """Return the how-manieth replacement of `ours` an order is, by its name; 0 for none."""
    if base_id(order.client_order_id) != ours.client_order_id.value:
        return 0
    return change_number(order.client_order_id)
