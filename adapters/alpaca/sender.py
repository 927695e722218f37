"""Sends orders, changes and cancels to Alpaca, and finds out what became of those that got no answer."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Protocol

from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

from adapters.alpaca import reports
from adapters.alpaca.http import TROUBLE, AlpacaBusyError, AlpacaError, AlpacaRefusedError, AlpacaUnwantedError
from adapters.alpaca.ledger import Ledger
from adapters.alpaca.orders import Body, Habits, list_bodies, order_body, replacement_body
from adapters.alpaca.parsing import is_crypto, is_same, plain
from adapters.alpaca.teller import Teller
from adapters.alpaca.tracks import Track, Tracks
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.errors import OrderError

PAUSES_S: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""How long a cancel waits, each time, for a change that it has met: Alpaca refuses it, and may make the change."""


class Herald(Protocol):
    """Whoever hears what the sender has to say: the execution client."""

    def publish_unknown(self, client_order_id: ClientOrderId) -> None:
        """Say that Alpaca does not have an order."""

    def warn(self, what: str) -> None:
        """Log a line."""


class Sender:
    """Sends. An order of which nobody knows whether it arrived is asked for by our id, and never sent again here.

    Parameters
    ----------
    herald : Herald
        Who is told.
    api : TradingApi
        Who is sent to.
    ledger : Ledger
        Who makes news of the answers.
    tracks : Tracks
        What is known of our orders.
    teller : Teller
        Who tells Nautilus.
    habits : Habits
        How orders are sent unless they say otherwise.
    """

    def __init__(
        self, herald: Herald, api: TradingApi, ledger: Ledger, tracks: Tracks, teller: Teller, habits: Habits
    ) -> None:
        self._herald = herald
        self._api = api
        self._ledger = ledger
        self._tracks = tracks
        self._teller = teller
        self._habits = habits
        self._on_their_way: set[ClientOrderId] = set()
        self._unwanted: set[ClientOrderId] = set()
        """Orders that were to be cancelled before Alpaca had answered to them."""

    @property
    def is_sending(self) -> bool:
        """Whether orders are on their way and were not answered."""
        return bool(self._on_their_way)

    async def submit(self, order: Order, extended_hours: bool | None) -> None:
        """Send one order; what Alpaca has nothing for is denied."""
        try:
            body = order_body(order, self._habits, extended_hours)
        except OrderError as error:
            self._deny([order], str(error))
            return
        await self._submit(body, [order])

    async def submit_list(self, orders: list[Order]) -> None:
        """Send a list of orders, as brackets where they belong together."""
        try:
            bodies = list_bodies(orders, self._habits)
        except OrderError as error:
            self._deny(orders, str(error))
            return
        for body, sent in bodies:
            await self._submit(body, sent)

    def _deny(self, orders: Sequence[Order], why: str) -> None:
        for order in orders:
            if order.status in (OrderStatus.INITIALIZED, OrderStatus.RELEASED):
                self._teller.denied(order, why)

    async def _submit(self, body: Body, orders: Sequence[Order], *, is_cut: bool = False) -> None:
        is_repeat = orders[0].status == OrderStatus.SUBMITTED  # sent once more under its own id
        for order in orders:
            if order.status != OrderStatus.SUBMITTED:
                self._teller.submitted(order)
        name = orders[0].client_order_id
        names = {order.client_order_id for order in orders}
        self._on_their_way |= names
        try:
            await self._ledger.bring(await self._api.submit(body, lambda: name not in self._unwanted))
        except AlpacaRefusedError as error:
            is_taken = "client_order_id must be unique" in error.reason
            if is_taken and is_repeat:
                await self.look_up(name)  # it had arrived before; if it cannot be asked for now, a sweep will
            elif is_taken or is_cut or not await self._cut(body, orders):
                self._refuse(orders, error.reason, is_taken=is_taken)
        except (AlpacaBusyError, AlpacaUnwantedError) as error:
            self._refuse(orders, str(error))
        except TROUBLE as error:
            self._herald.warn(f"{name}: nobody knows whether Alpaca has it, so it is asked: {error}")
            await self.look_up(name)
        finally:
            self._on_their_way -= names
        unwanted = self._unwanted & names
        self._unwanted -= unwanted
        await self.cancel(sorted(unwanted, key=str))

    async def _cut(self, body: Body, orders: Sequence[Order]) -> bool:
        """Send a refused sale of coins once more, for what is there; return whether there was that little too few.

        Alpaca says what it took of a purchase a day later. A way out is not to be barred by what we took it to be.
        """
        order = orders[0]
        if not (is_crypto(order.instrument_id) and order.is_sell and order.is_reduce_only):
            return False
        market, track = self._teller.market(order), self._tracks.of(order.client_order_id)
        try:
            found = await self._api.positions()
        except TROUBLE:
            return False
        held = next((position for position in found if is_same(position.symbol, body["symbol"])), None)
        smaller = reports.covered(Decimal(body["qty"]), held, market)
        if smaller is None or track is None:
            return False
        self._herald.warn(f"{order.client_order_id}: Alpaca holds {smaller} alone, so no more is sold")
        self._teller.cut(track, smaller)
        await self._submit({**body, "qty": plain(smaller.as_decimal())}, orders, is_cut=True)
        return True

    def _refuse(self, orders: Sequence[Order], reason: str, *, is_taken: bool = False) -> None:
        for order in orders:
            track = self._tracks.of(order.client_order_id)
            if track is not None:
                track.taken = is_taken
                self._ledger.refuse(track, reason)

    async def look_up(self, client_order_id: ClientOrderId) -> bool:
        """Ask for an order by our id and bring Nautilus to what Alpaca says of it.

        Return whether Alpaca has it. Of one that it does not have `publish_unknown` is called.
        """
        track = self._tracks.of(client_order_id)
        try:
            if track is not None and track.current is not None:
                found = await self._api.order(track.current)
            else:
                found = await self._api.order_of_client(client_order_id.value)
            if found is not None:
                await self._ledger.bring(found)
        except TROUBLE as error:
            self._herald.warn(f"{client_order_id} cannot be asked for: {error}")
            return False
        if found is None:
            self._herald.publish_unknown(client_order_id)
        return found is not None

    async def modify(self, command: ModifyOrder) -> None:
        """Change an order. That it is done comes by the stream."""
        track = self._tracks.of(command.client_order_id)
        if track is None:
            return
        if track.current is None:
            self._ledger.refuse_change(track, "Alpaca has not answered to the order yet")
            return
        try:
            body = replacement_body(track.order, command, track.total)
        except OrderError as error:
            self._ledger.refuse_change(track, str(error))
            return
        track.wanted = body["client_order_id"] = track.next_name()
        track.asked_ns = self._teller.now_ns()
        try:
            await self._ledger.bring(await self._api.replace(track.current, body))
        except (AlpacaRefusedError, AlpacaBusyError) as error:
            self._ledger.refuse_change(track, _why(error))
        except TROUBLE as error:
            self._herald.warn(
                f"{command.client_order_id}: whether it was changed is not known, so it is asked: {error}"
            )
            await self.look_up(command.client_order_id)

    async def cancel(self, names: Sequence[ClientOrderId]) -> None:
        """Cancel orders, all at once. That it is done comes by the stream.

        One that is being changed is cancelled as it is then: nobody would cancel it again.
        """
        tracks = [track for name in dict.fromkeys(names) if (track := self._tracks.of(name)) is not None]
        await asyncio.gather(*(self._cancel(track) for track in tracks))

    async def _cancel(self, track: Track) -> None:
        if track.current is None and track.closed:
            return  # it never got there
        if track.current is None and track.order.client_order_id in self._on_their_way:
            self._unwanted.add(track.order.client_order_id)  # it is cancelled as it arrives
            return
        if track.current is None:
            await self.look_up(track.order.client_order_id)
        if track.current is None:
            self._teller.cancel_rejected(track, "Alpaca does not know the order")
            return
        why: str | None = None
        for pause_s in PAUSES_S:
            asked = track.current
            why = await self._ask_to_cancel(track, asked)
            if why is None or track.closed:
                return
            if track.current == asked and track.wanted is None:
                break
            await asyncio.sleep(pause_s)  # a change is on its way, or has given the order another id
        self._teller.cancel_rejected(track, why or "")

    async def _ask_to_cancel(self, track: Track, order_id: str) -> str | None:
        """Return why Alpaca refuses to cancel an order, once it is known how that is; ``None`` if it does not."""
        name = track.order.client_order_id
        try:
            await self._api.cancel(order_id)
        except (AlpacaRefusedError, AlpacaBusyError) as error:
            await self.look_up(name)
            return _why(error)
        except TROUBLE as error:
            self._herald.warn(f"{name}: whether it was cancelled is not known: {error}")
            await self.look_up(name)
        return None


def _why(error: AlpacaError) -> str:
    return error.reason if isinstance(error, AlpacaRefusedError) else str(error)
