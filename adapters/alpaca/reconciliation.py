"""What Alpaca has, as Nautilus's reports: how a node finds out what happened while it was away."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final

import pandas as pd
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.execution.reports import FillReport, OrderStatusReport, PositionStatusReport
from nautilus_trader.model.identifiers import AccountId, ClientOrderId, InstrumentId, VenueOrderId
from nautilus_trader.model.instruments import Instrument

from adapters.alpaca import accounts, parsing, reports, schemas
from adapters.alpaca.orders import base_id
from adapters.alpaca.tracks import Tracks
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus import sizes
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_SECOND

LOOKBACK_DAYS: Final = 7
REPLACED: Final = "replaced"


class Reconciliation:
    """Makes reports. Every call raises an `AlpacaError`: a report that is not whole is none.

    Parameters
    ----------
    api : TradingApi
        Who is asked.
    tracks : Tracks
        Which orders are ours.
    cache : CacheFacade
        Where instruments are looked up. What is not loaded is not reported.
    now_ns : callable
        Gives the present in UNIX nanoseconds.
    crypto_fee_bps : float
        What an execution of crypto costs, in basis points of what is received.
    """

    account_id: AccountId

    def __init__(
        self, api: TradingApi, tracks: Tracks, cache: CacheFacade, now_ns: Callable[[], int], crypto_fee_bps: float
    ) -> None:
        self._api = api
        self._tracks = tracks
        self._cache = cache
        self._now_ns = now_ns
        self._crypto_fee_bps = Decimal(str(crypto_fee_bps))

    async def order(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None
    ) -> OrderStatusReport | None:
        """Return the report of one order by our id or Alpaca's; ``None`` if Alpaca does not have it."""
        track = self._tracks.of(client_order_id) if client_order_id is not None else None
        number = track.current if track is not None else venue_order_id.value if venue_order_id is not None else None
        found = await self._api.order(number) if number else None
        if found is None and client_order_id is not None:
            found = await self._api.order_of_client(client_order_id.value)
        while found is not None and found.status == REPLACED and found.replaced_by:
            found = await self._api.order(found.replaced_by)
        return await self._report(found) if found is not None else None

    async def orders(
        self, start: datetime | None, instrument_id: InstrumentId | None, *, open_only: bool
    ) -> list[OrderStatusReport]:
        """Return the reports of open orders, and unless `open_only` of those that were sent since `start`."""
        found = await self._api.open_orders()
        if not open_only:
            found += await self._api.orders_since(self._since(start))
        unique = {order.id: order for order in found}
        for order in unique.values():
            if self._tracks.lacks_legs(order):
                self._tracks.learn_legs(await self._api.order(order.id) or order)
        made = [await self._report(order) for order in unique.values() if order.status != REPLACED]
        return [report for report in made if report and instrument_id in (None, report.instrument_id)]

    async def fills(
        self, start: datetime | None, instrument_id: InstrumentId | None, venue_order_id: VenueOrderId | None
    ) -> list[FillReport]:
        """Return the reports of executions since `start`."""
        found = await self._api.fills_since(self._since(start))
        successors: dict[str, schemas.Order] = {}
        if found:
            orders = await self._api.orders_since(self._since(start))
            successors = {order.replaces: order for order in orders if order.replaces}
        made = []
        for execution in found:
            market = self._market(execution.symbol)
            if market is not None and instrument_id in (None, market.id):
                report = self._fill(execution, market, _last(execution.order_id, successors))
                made += [report] if venue_order_id in (None, report.venue_order_id) else []
        return made

    async def positions(self, instrument_id: InstrumentId | None) -> list[PositionStatusReport]:
        """Return the reports of positions; of one instrument, and of all coins, also that there is none.

        Nautilus takes what was traded before a restart for somebody else's, and turns such a position round: with a fee
        in coins that leaves some which are not there, and ends by this report.
        """
        made = []
        for held in await self._api.positions():
            market = self._market(held.symbol)
            if market is not None and instrument_id in (None, market.id):
                qty = await self._agreed(Decimal(held.qty), market) if parsing.is_crypto(market.id) else None
                made.append(reports.position(held, market, self.account_id, self._now_ns(), qty))
        told = {report.instrument_id for report in made}
        for market in self._cache.instruments(venue=parsing.VENUE):
            wanted = parsing.is_crypto(market.id) if instrument_id is None else market.id == instrument_id
            if wanted and market.id not in told:
                made.append(reports.position(None, market, self.account_id, self._now_ns()))
        return made

    async def _agreed(self, theirs: Decimal, market: Instrument) -> Decimal:
        """Return how many coins count as held; what of our orders was executed unheard counts as ours too."""
        held = self._cache.positions_open(instrument_id=market.id)
        ours = sum((position.signed_decimal_qty() for position in held), Decimal(0))
        found = reports.agreed(theirs, ours, market)
        if found == ours:
            return found
        since = self._since(None)
        for order in await self._api.orders_since(since):
            self._tracks.find(order)  # so that it is known by Alpaca's id, too, whose answer was never heard
        for execution in await self._api.fills_since(since):
            track = self._tracks.find_id(execution.order_id) if self._market(execution.symbol) is market else None
            name = reports.trade_id(execution.order_id, Decimal(execution.cum_qty))
            if track is None or track.knows(name, execution.order_id, Decimal(execution.cum_qty)):
                continue
            qty, at = Decimal(execution.qty), Decimal(execution.price)
            fee = reports.commission(execution.side, qty, at, market, self._crypto_fee_bps)
            ours += qty - fee.as_decimal() if execution.side == "buy" else -qty
        return reports.agreed(theirs, ours, market)

    async def gained(self) -> tuple[Decimal, bool]:
        """Return what is open has gained, as Nautilus counts it, and whether it holds what Alpaca does.

        That is in instruments that are loaded.
        """
        told = {self._market(held.symbol): held for held in await self._api.positions()}
        ours = (self._cache.instrument(held.instrument_id) for held in self._cache.positions_open(venue=parsing.VENUE))
        markets = [market for market in dict.fromkeys((*told, *ours)) if market is not None]
        found = [self._gained(told.get(market), market) for market in markets]
        return sum((gain for gain, _ in found), Decimal(0)), all(is_same for _, is_same in found)

    def _gained(self, held: schemas.Position | None, market: Instrument) -> tuple[Decimal, bool]:
        ours = self._cache.positions_open(instrument_id=market.id)
        return accounts.gained(held, ours, sizes.smallest(market))

    def foreign(self, order: schemas.Order) -> OrderStatusReport | None:
        """Return the report of an order that is none of ours; named after Alpaca's id where its name is one of ours."""
        market = self._market(order.symbol)
        if market is None:
            return None
        name = base_id(order.client_order_id)
        if self._tracks.find(order) is not None or self._tracks.of(ClientOrderId(name)) is not None:
            name = order.id
        return reports.order_status(order, market, self.account_id, self._now_ns(), name)

    async def _report(self, order: schemas.Order) -> OrderStatusReport | None:
        market = self._market(order.symbol)
        if market is None:
            return None
        track = self._tracks.find(order)
        executed = await self._executed(order) if order.replaces else None
        name = track.order.client_order_id.value if track is not None else base_id(order.client_order_id)
        return reports.order_status(order, market, self.account_id, self._now_ns(), name, executed)

    async def _executed(self, order: schemas.Order) -> Decimal:
        """Return what was executed of an order and of those that it has replaced."""
        chain = [order]
        while chain[-1].replaces:
            before = await self._api.order(chain[-1].replaces)
            if before is None:
                break
            chain.append(before)
        since = parsing.nanos(chain[-1].submitted_at or chain[-1].created_at or "") - NANOS_PER_SECOND
        names = {link.id for link in chain}
        fills = await self._api.fills_since(since)
        return sum((Decimal(fill.qty) for fill in fills if fill.order_id in names), Decimal(0))

    def _fill(self, execution: schemas.Fill, market: Instrument, order_id: str) -> FillReport:
        track = self._tracks.find_id(execution.order_id)
        name = track.order.client_order_id.value if track is not None else None
        qty, at = Decimal(execution.qty), Decimal(execution.price)
        fee = reports.commission(execution.side, qty, at, market, self._crypto_fee_bps)
        report = reports.fill(execution, market, self.account_id, self._now_ns(), name, fee)
        report.venue_order_id = VenueOrderId(order_id)
        return report

    def _market(self, symbol: str) -> Instrument | None:
        """Return the instrument of a symbol, ``None`` where it is not loaded."""
        market = self._cache.instrument(parsing.instrument_id(symbol))
        if market is None:
            pairs = [pair for pair in self._cache.instruments(venue=parsing.VENUE) if parsing.is_crypto(pair.id)]
            market = next((pair for pair in pairs if parsing.is_same(pair.id.symbol.value, symbol)), None)
        return market

    def _since(self, start: datetime | None) -> int:
        if start is not None:
            return int(pd.Timestamp(start).as_unit("ns").value)
        return self._now_ns() - LOOKBACK_DAYS * NANOS_PER_DAY


def _last(order_id: str, successors: dict[str, schemas.Order]) -> str:
    """Return Alpaca's id of the order that stands in for `order_id` now."""
    while order_id in successors:
        order_id = successors[order_id].id
    return order_id
