"""What travels to the simulated venue and back, and what stands there. Quantities and prices are decimals."""

from decimal import Decimal

import msgspec

ZERO = Decimal(0)


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it travels to the venue. `parent` is the entry that must fill first, `siblings` the other exits."""

    client_order_id: str
    owner: str
    symbol: str
    sells: bool
    kind: str
    quantity: Decimal
    price: Decimal | None = None
    trigger: Decimal | None = None
    reduce_only: bool = False
    parent: str = ""
    siblings: tuple[str, ...] = ()


class Fill(msgspec.Struct, frozen=True):
    """One fill."""

    number: int
    quantity: Decimal
    price: Decimal
    fee: Decimal


class VenueOrder(msgspec.Struct, kw_only=True):
    """An order at the venue, and what has become of it."""

    request: OrderRequest
    number: int
    quantity: Decimal
    price: Decimal | None
    trigger: Decimal | None
    status: str = "accepted"
    trades: list[Fill] = msgspec.field(default_factory=list)
    accepted: int = 0
    changed: int = 0

    @property
    def filled(self) -> Decimal:
        """How much of it has been filled."""
        return sum((trade.quantity for trade in self.trades), ZERO)

    @property
    def leaves(self) -> Decimal:
        """How much of it can still be filled."""
        return self.quantity - self.filled if self.is_open else ZERO

    @property
    def is_open(self) -> bool:
        """Whether it can still be filled."""
        return self.status in ("accepted", "partially_filled", "held")


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the venue tells of one event of an order. `kind` is 'accepted', 'filled', 'canceled' and so on."""

    kind: str
    client_order_id: str
    number: int
    ts: int
    quantity: Decimal = ZERO
    price: Decimal | None = None
    trigger: Decimal | None = None
    trade: Fill | None = None
    reason: str = ""


class Holding(msgspec.Struct):
    """A signed quantity and its average price."""

    signed: Decimal = ZERO
    average: Decimal = ZERO
