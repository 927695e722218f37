"""Nautilus's side of the wire to the simulated venue: commands out, reports in, and the venue's truth on request."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.execution.reports import ExecutionMassStatus
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType, ContingencyType, LiquiditySide, OmsType, OrderSide, OrderType
from nautilus_trader.model.identifiers import AccountId, ClientId, ClientOrderId, InstrumentId, TradeId, VenueOrderId
from nautilus_trader.model.identifiers import Venue as VenueId
from nautilus_trader.model.objects import AccountBalance, Money
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.drill import reports
from sagetrade_nautilus.drill.orders import ExecutionReport, Fill, OrderRequest
from sagetrade_nautilus.drill.venue import Venue

VENUE = VenueId("BINANCE")
KINDS = {OrderType.MARKET: "market", OrderType.LIMIT: "limit", OrderType.STOP_MARKET: "stop_market"}


class Wire(Protocol):
    """What carries a client's messages, and loses some."""

    def leaves(self, command: Any, requests: tuple[OrderRequest, ...]) -> None:
        """Hear of orders or a change on their way out of the process."""

    def send(self, label: str, act: Callable[[], None]) -> None:
        """Have the venue do `act` some time later, or never."""

    def submit(self, requests: tuple[OrderRequest, ...]) -> None:
        """Have the venue take or reject orders some time later, or never."""

    def answer(self, label: str, act: Callable[[], None]) -> None:
        """Have our side do `act` after a way to the venue and back, or never."""


class DrillClient(ExecutionClient):
    """An execution client whose venue is simulated.

    Parameters
    ----------
    venue : Venue
        What is true.
    wire : Wire
        What carries the messages.
    """

    def __init__(self, msgbus: MessageBus, cache: Cache, clock: Clock, venue: Venue, wire: Wire) -> None:
        super().__init__(
            client_id=ClientId(VENUE.value),
            venue=VENUE,
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            base_currency=USDT,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
        )
        self._venue = venue
        self._wire = wire
        self._bus = msgbus
        self._known = cache
        self._now = clock.timestamp_ns
        self._set_account_id(AccountId(f"{VENUE.value}-001"))
        self._set_connected(True)

    def tell_balance(self) -> None:
        """Report the balance as it is."""
        total = Money(self._venue.balance, USDT)
        balance = AccountBalance(total=total, locked=Money(0, USDT), free=total)
        self.generate_account_state(balances=[balance], margins=[], reported=True, ts_event=self._now())

    # Commands

    def submit_order(self, command: Any) -> None:
        self._submit(command, [command.order])

    def submit_order_list(self, command: Any) -> None:
        self._submit(command, command.order_list.orders)

    def modify_order(self, command: Any) -> None:
        self._wire.leaves(command, ())
        name = command.client_order_id.value
        change = (_decimal(command.quantity), _decimal(command.price), _decimal(command.trigger_price))
        self._wire.send(f"modify {name}", lambda: self._venue.modify(name, *change))

    def cancel_order(self, command: Any) -> None:
        self._cancel(command.client_order_id.value)

    def cancel_all_orders(self, command: Any) -> None:
        symbol, side = command.instrument_id.value, command.order_side
        for order in self._venue.working():
            at_side = side == OrderSide.NO_ORDER_SIDE or order.request.sells == (side == OrderSide.SELL)
            if order.request.symbol == symbol and at_side and order.request.owner == command.strategy_id.value:
                self._cancel(order.request.client_order_id)

    def batch_cancel_orders(self, command: Any) -> None:
        for cancel in command.cancels:
            self.cancel_order(cancel)

    def query_account(self, command: Any) -> None:
        self._wire.answer("balance", self.tell_balance)

    def query_order(self, command: Any) -> None:
        name = command.client_order_id.value
        self._wire.answer(f"status {name}", lambda: self._tell_status(name))

    def _cancel(self, name: str) -> None:
        self._wire.send(f"cancel {name}", lambda: self._venue.cancel(name))

    def _submit(self, command: Any, orders: list[Order]) -> None:
        requests = tuple(self._request(order, command) for order in orders)
        self._wire.leaves(command, requests)
        for order in orders:
            self.generate_order_submitted(
                order.strategy_id, order.instrument_id, order.client_order_id, ts_event=self._now()
            )
        self._wire.submit(requests)

    def _request(self, order: Order, command: Any) -> OrderRequest:
        position_id = command.position_id or order.position_id or self._known.position_id(order.client_order_id)
        position = self._known.position(position_id) if position_id is not None else None
        owner = order.strategy_id if position is None or position.is_closed else position.strategy_id
        is_exit = order.parent_order_id is not None and order.contingency_type != ContingencyType.OTO
        return OrderRequest(
            client_order_id=order.client_order_id.value,
            owner=owner.value,
            symbol=order.instrument_id.value,
            sells=order.is_sell,
            kind=KINDS[order.order_type],
            quantity=order.quantity.as_decimal(),
            price=_decimal(order.price) if order.has_price else None,
            trigger=_decimal(order.trigger_price) if order.has_trigger_price else None,
            reduce_only=order.is_reduce_only,
            parent=order.parent_order_id.value if order.parent_order_id is not None else "",
            siblings=tuple(sorted(name.value for name in order.linked_order_ids or ())) if is_exit else (),
        )

    # What the venue says

    def hear(self, report: ExecutionReport) -> None:
        """Take a report that has arrived. An order that we do not know is reconciled from the venue's truth."""
        order = self._known.order(ClientOrderId(report.client_order_id))
        if order is None:
            self._tell_status(report.client_order_id)
            return
        number = VenueOrderId(f"V-{report.number}") if report.number else order.venue_order_id
        place = (order.strategy_id, order.instrument_id, order.client_order_id)
        ts = report.ts
        if report.kind == "rejected":
            self.generate_order_rejected(*place, report.reason, ts)
        elif report.kind == "accepted":
            self.generate_order_accepted(*place, number, ts)
        elif report.kind == "canceled":
            self.generate_order_canceled(*place, number, ts)
        elif report.kind == "cancel_rejected":
            self.generate_order_cancel_rejected(*place, number, report.reason, ts)
        elif report.kind == "modify_rejected":
            self.generate_order_modify_rejected(*place, number, report.reason, ts)
        elif report.kind == "updated":
            self._hear_update(order, report, number)
        elif report.trade is not None:
            self._hear_fill(order, report, report.trade, number)

    def _hear_update(self, order: Order, report: ExecutionReport, number: VenueOrderId) -> None:
        instrument = self._known.instrument(order.instrument_id)
        self.generate_order_updated(
            order.strategy_id,
            order.instrument_id,
            order.client_order_id,
            number,
            instrument.make_qty(report.quantity),
            instrument.make_price(report.price) if report.price is not None else None,
            instrument.make_price(report.trigger) if report.trigger is not None else None,
            report.ts,
        )

    def _hear_fill(self, order: Order, report: ExecutionReport, trade: Fill, number: VenueOrderId) -> None:
        instrument = self._known.instrument(order.instrument_id)
        self.generate_order_filled(
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=number,
            venue_position_id=None,
            trade_id=TradeId(f"T-{trade.number}"),
            order_side=order.side,
            order_type=order.order_type,
            last_qty=instrument.make_qty(trade.quantity),
            last_px=instrument.make_price(trade.price),
            quote_currency=USDT,
            commission=Money(trade.fee, USDT),
            liquidity_side=LiquiditySide.TAKER,
            ts_event=report.ts,
        )
        self.tell_balance()

    def _tell_status(self, name: str) -> None:
        """Send what the venue says of an order to reconciliation; it says nothing of one that it does not have."""
        found = self._venue.orders.get(name)
        if found is None:
            return
        instrument = self._known.instrument(InstrumentId.from_str(found.request.symbol))
        report = reports.order_status(found, instrument, self.account_id, self._now())
        self._bus.send("ExecEngine.reconcile_execution_report", report)
        self.tell_balance()

    # The truth, on request

    async def generate_order_status_report(self, command: Any) -> Any:
        found = self._venue.orders.get(command.client_order_id.value)
        if found is None:
            return None
        return reports.order_status(found, self._known.instrument(command.instrument_id), self.account_id, self._now())

    async def generate_order_status_reports(self, command: Any) -> list[Any]:
        chosen = self._venue.working() if command.open_only else list(self._venue.orders.values())
        return [self._status(order) for order in chosen]

    async def generate_fill_reports(self, command: Any) -> list[Any]:
        return [
            reports.fill(order, trade, self._instrument(order.request.symbol), self.account_id, self._now())
            for order in self._venue.orders.values()
            for trade in order.trades
            if command.instrument_id is None or command.instrument_id.value == order.request.symbol
        ]

    async def generate_position_status_reports(self, command: Any) -> list[Any]:
        wanted = None if command.instrument_id is None else command.instrument_id.value
        return [
            reports.position(self._venue, symbol, self._instrument(symbol), self.account_id, self._now())
            for symbol in sorted(self._venue.prices)
            if wanted in (None, symbol)
        ]

    def mass_status(self) -> ExecutionMassStatus:
        """Return what a node learns from the venue when it starts: open orders and positions."""
        status = ExecutionMassStatus(
            client_id=self.id, account_id=self.account_id, venue=VENUE, report_id=UUID4(), ts_init=self._now()
        )
        status.add_order_reports([self._status(order) for order in self._venue.working()])
        status.add_position_reports(
            [
                reports.position(self._venue, symbol, self._instrument(symbol), self.account_id, self._now())
                for symbol in sorted(self._venue.prices)
            ]
        )
        return status

    def _status(self, order: Any) -> Any:
        return reports.order_status(order, self._instrument(order.request.symbol), self.account_id, self._now())

    def _instrument(self, symbol: str) -> Any:
        return self._known.instrument(InstrumentId.from_str(symbol))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else value.as_decimal()
