"""Tells Nautilus what happened to an order, in its own events."""

from decimal import Decimal
from typing import Any, Final

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.model.enums import LiquiditySide, OrderType
from nautilus_trader.model.events import OrderUpdated
from nautilus_trader.model.identifiers import TradeId, VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from adapters.alpaca import reports, schemas
from adapters.alpaca.parsing import nanos
from adapters.alpaca.tracks import Track
from sagetrade_nautilus import sizes

TAKERS: Final = frozenset({OrderType.MARKET, OrderType.STOP_MARKET, OrderType.TRAILING_STOP_MARKET})


class Teller:
    """Makes Nautilus's events in the name of an execution client.

    Parameters
    ----------
    client : ExecutionClient
        In whose name.
    cache : CacheFacade
        Where instruments are looked up.
    clock : Clock
        The node's.
    crypto_fee_bps : float
        What an execution of crypto costs, in basis points of what is received.
    """

    def __init__(self, client: ExecutionClient, cache: CacheFacade, clock: Clock, crypto_fee_bps: float) -> None:
        self._client = client
        self._clock = clock
        self._cache = cache
        self._crypto_fee_bps = Decimal(str(crypto_fee_bps))

    def now_ns(self) -> int:
        """Return the present in UNIX nanoseconds, by the node's clock."""
        now: int = self._clock.timestamp_ns()
        return now

    def denied(self, order: Order, why: str) -> None:
        """Tell that the order was not sent."""
        self._client.generate_order_denied(*_place_of(order), why, self.now_ns())

    def submitted(self, order: Order) -> None:
        """Tell that the order is being sent."""
        self._client.generate_order_submitted(*_place_of(order), self.now_ns())

    def accepted(self, track: Track, order: schemas.Order) -> None:
        """Tell that Alpaca has the order."""
        at = nanos(order.submitted_at or order.created_at or "")
        self._client.generate_order_accepted(*_place(track), _number(track), at)

    def cut(self, track: Track, quantity: Quantity) -> None:
        """Tell that a smaller quantity of the order is sent."""
        track.quantity, order, now = quantity.as_decimal(), track.order, self.now_ns()
        names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
        self._client._send_order_event(
            OrderUpdated(*names, None, order.account_id, quantity, None, None, UUID4(), now, now)
        )

    def rejected(self, track: Track, reason: str) -> None:
        """Tell that Alpaca did not take the order."""
        self._client.generate_order_rejected(*_place(track), reason, self.now_ns())

    def modify_rejected(self, track: Track, reason: str) -> None:
        """Tell that the order was not changed."""
        self._client.generate_order_modify_rejected(*_place(track), _number(track), reason, self.now_ns())

    def cancel_rejected(self, track: Track, reason: str) -> None:
        """Tell that the order was not cancelled."""
        self._client.generate_order_cancel_rejected(*_place(track), _number(track), reason, self.now_ns())

    def updated(self, track: Track, order: schemas.Order) -> None:
        """Tell that the order was changed, and has another id at Alpaca now.

        Nobody but Alpaca knows whether a new order counts what the old one had executed. So a quantity is taken over
        before the first execution only, and later ones do not change it.
        """
        market = self.market(track.order)
        if track.total == track.executed.get(order.id, 0):
            track.quantity = Decimal(order.qty or 0)
        self._client.generate_order_updated(
            *_place(track),
            VenueOrderId(order.id),
            reports.quantity(str(track.quantity), market),
            reports.price(order.limit_price, market),
            reports.price(order.stop_price, market),
            self.now_ns(),
            venue_order_id_modified=True,
        )

    def ended(self, track: Track, order: schemas.Order) -> None:
        """Tell that the order was cancelled or has expired; that it is filled was told by its executions."""
        number = VenueOrderId(order.id)
        if order.status == "canceled":
            at = nanos(order.canceled_at or order.updated_at or "")
            self._client.generate_order_canceled(*_place(track), number, at)
        elif order.status == "expired":
            at = nanos(order.expired_at or order.updated_at or "")
            self._client.generate_order_expired(*_place(track), number, at)

    def filled(self, track: Track, name: TradeId, qty: str, price: str, *, at: int, last: bool) -> None:
        """Tell one execution, under the number that Nautilus has of its order: it takes none under another.

        The news of an execution may come before that of the change whose order it was of, or after the next one.

        Raises
        ------
        DataError
            It is of a part of a share where whole ones are traded.
        """
        order, market = track.order, self.market(track.order)
        quantity, exact = reports.exact_quantity(qty, market), reports.exact_price(price, market)
        if order.is_quote_quantity or track.whole is not None:
            self._count_in_base(track, market, exact.as_decimal(), last=last)
        side = "buy" if order.is_buy else "sell"
        fee = reports.commission(side, quantity.as_decimal(), exact.as_decimal(), market, self._crypto_fee_bps)
        liquidity = LiquiditySide.TAKER if order.order_type in TAKERS else LiquiditySide.NO_LIQUIDITY_SIDE
        self._client.generate_order_filled(
            *_place(track),
            _number(track),
            None,
            name,
            order.side,
            order.order_type,
            quantity,
            exact,
            market.quote_currency,
            fee,
            liquidity,
            at,
        )

    def _count_in_base(self, track: Track, market: Instrument, price: Decimal, *, last: bool) -> None:
        """Give an order for an amount of money the base quantity that it comes to, so that fills can be counted."""
        if track.whole is None:
            track.whole = track.order.quantity.as_decimal() / price
        if last or track.whole <= track.total:
            track.whole = track.total if last else track.total + market.size_increment.as_decimal()
        whole = sizes.exact(track.whole, market.size_precision)
        number = _number(track)
        self._client.generate_order_updated(
            *_place(track), number, whole, None, None, self.now_ns(), is_quote_quantity=False
        )

    def market(self, order: Order) -> Instrument:
        """Return the order's instrument."""
        return self._cache.instrument(order.instrument_id)


def _place(track: Track) -> tuple[Any, ...]:
    return _place_of(track.order)


def _place_of(order: Order) -> tuple[Any, ...]:
    return order.strategy_id, order.instrument_id, order.client_order_id


def _number(track: Track) -> VenueOrderId | None:
    return VenueOrderId(track.current) if track.current else None
