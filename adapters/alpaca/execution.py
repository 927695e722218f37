"""Alpaca as a Nautilus execution client: commands out, news in."""

import asyncio
from collections.abc import Callable
from typing import Final

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.execution.messages import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    GenerateFillReports,
    GenerateOrderStatusReport,
    GenerateOrderStatusReports,
    GeneratePositionStatusReports,
    ModifyOrder,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_trader.execution.reports import (
    ExecutionMassStatus,
    FillReport,
    OrderStatusReport,
    PositionStatusReport,
)
from nautilus_trader.live.execution_client import LiveExecutionClient
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import AccountId, ClientId, ClientOrderId
from nautilus_trader.model.objects import AccountBalance

from adapters.alpaca import parsing, schemas
from adapters.alpaca.balances import Balances
from adapters.alpaca.check import check_may_trade
from adapters.alpaca.config import AlpacaExecClientConfig, updates_url
from adapters.alpaca.constants import TASK_FAILED, Environment
from adapters.alpaca.foreign import Foreign
from adapters.alpaca.http import TROUBLE, AlpacaHttp
from adapters.alpaca.ledger import Ledger
from adapters.alpaca.orders import Habits
from adapters.alpaca.providers import AlpacaInstrumentProvider
from adapters.alpaca.reconciliation import Reconciliation
from adapters.alpaca.sender import Sender
from adapters.alpaca.stream import StreamRefusedError
from adapters.alpaca.teller import Teller
from adapters.alpaca.tracks import Tracks
from adapters.alpaca.trading import TradingApi
from adapters.alpaca.updates import TradeUpdates
from sagetrade_nautilus.background import Background
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.messages import CONNECTIONS_TOPIC, ORDER_WATCH_TOPIC, Connection, OrderUnknown
from sagetrade_nautilus.secrets import Secret

SETTLE_S: Final = 0.01


class AlpacaExecutionClient(LiveExecutionClient):
    """Sends orders to Alpaca, and tells Nautilus what becomes of them.

    An order whose outcome is unknown is asked for by its client order id, and never sent again by this client; what
    Alpaca does not have is published as `OrderUnknown`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: AlpacaExecClientConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
        http: AlpacaHttp,
        provider: AlpacaInstrumentProvider,
        key: Secret,
        secret: Secret,
    ) -> None:
        super().__init__(
            loop, ClientId(name), parsing.VENUE, OmsType.NETTING, AccountType.MARGIN, USD, provider, msgbus, cache,
            clock, config,
        )  # fmt: skip
        self._http = http
        self._api = TradingApi(http)
        self._provider = provider
        habits = Habits(config.extended_hours, config.gtd_as_gtc)
        self._environment = config.environment
        self._sweep_s = config.sweep_s
        self._tracks = Tracks(cache)
        self._teller = Teller(self, cache, clock, config.crypto_fee_bps)
        self._ledger = Ledger(self._api, self._tracks, self._teller, self._on_foreign)
        self._reports = Reconciliation(self._api, self._tracks, cache, clock.timestamp_ns, config.crypto_fee_bps)
        self._updates = TradeUpdates(
            updates_url(config),
            key,
            secret,
            self._on_update,
            self._on_up,
            self._log.warning,
            config.backoff_s,
            self._on_connection,
        )
        self._sender = Sender(self, self._api, self._ledger, self._tracks, self._teller, habits)
        self._foreign = Foreign(
            self._api, self._sender, self._ledger, self._tracks, self._reports, msgbus, cache,
            self._send_order_status_report, self._log.error,
        )  # fmt: skip
        self._background = Background(lambda error: self._log.exception(TASK_FAILED, error))
        self._balances = Balances(self._api, self._reports, msgbus, cache, self._tell_balance, self._log.warning)

    # Connection

    async def _connect(self) -> None:
        await self._provider.initialize()
        for instrument in self._provider.list_all():
            if self._cache.instrument(instrument.id) is None:
                self._cache.add_instrument(instrument)
        account = await self._api.account()
        check_may_trade(account)
        self._set_account_id(AccountId(f"{self.id.value}-{account.account_number}"))
        self._reports.account_id = self.account_id
        told = self._log.warning if self._environment == Environment.LIVE else self._log.info
        told(f"Alpaca's {self._environment} account {account.account_number}")
        await self._balances.tell()
        await self._await_account_registered(log_registered=False)
        running = self._background.begin(self._listen())
        opened = self._loop.create_task(self._updates.opened())
        await asyncio.wait({running, opened}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            opened.cancel()
            raise ConfigError("Alpaca's stream of trade updates refuses the keys; are they this account's?")
        self._background.begin(self._keep_sweeping())
        self._background.begin(self._balances.keep())

    async def _disconnect(self) -> None:
        await self._background.end()
        await self._http.aclose()

    async def _listen(self) -> None:
        try:
            await self._updates.run()
        except StreamRefusedError as error:
            self._log.error(str(error))

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            await self._sweep()
            self._balances.change()  # by what was paid in, or charged

    def _on_connection(self, stands: bool) -> None:
        self._msgbus.publish(CONNECTIONS_TOPIC, Connection(f"{self.id} orders", stands))

    def publish_unknown(self, client_order_id: ClientOrderId) -> None:
        """Say that Alpaca does not have an order."""
        self._msgbus.publish(ORDER_WATCH_TOPIC, OrderUnknown(client_order_id.value))

    def warn(self, what: str) -> None:
        """Log a line."""
        self._log.warning(what)

    async def _sweep(self) -> None:
        try:
            await self._ledger.sweep()
        except TROUBLE as error:
            self._log.warning(f"what the stream may have lost cannot be asked for: {error}")

    def _on_up(self) -> None:
        if self.is_connected:  # at the start, Nautilus's own reconciliation comes first
            self._background.begin(self._sweep())
            self._balances.change()

    async def _on_update(self, update: schemas.TradeUpdate) -> None:
        try:
            await self._ledger.hear(update)
        except TROUBLE as error:
            self._log.warning(f"an update of {update.order.symbol} is left to the next sweep: {error}")
        self._balances.change()

    # Account

    async def _query_account(self, command: QueryAccount) -> None:
        await self._balances.attempt()

    def _tell_balance(self, balance: AccountBalance) -> None:
        self.generate_account_state([balance], [], True, self._clock.timestamp_ns())

    # Orders out

    async def _submit_order(self, command: SubmitOrder) -> None:
        await self._sender.submit(command.order, (command.params or {}).get("extended_hours"))

    async def _submit_order_list(self, command: SubmitOrderList) -> None:
        await self._sender.submit_list(command.order_list.orders)

    async def _modify_order(self, command: ModifyOrder) -> None:
        await self._sender.modify(command)

    async def _cancel_order(self, command: CancelOrder) -> None:
        await self._sender.cancel([command.client_order_id])

    async def _cancel_all_orders(self, command: CancelAllOrders) -> None:
        """Cancel what is this strategy's; Alpaca's own "cancel all" would cancel everybody's."""
        await self._sender.cancel(
            [
                order.client_order_id
                for order in (*self._cache.orders_open(), *self._cache.orders_inflight())
                if order.instrument_id == command.instrument_id
                and order.strategy_id == command.strategy_id
                and command.order_side in (OrderSide.NO_ORDER_SIDE, order.side)
            ]
        )

    async def _batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        await self._sender.cancel([cancel.client_order_id for cancel in command.cancels])

    # Questions

    async def _query_order(self, command: QueryOrder) -> None:
        if await self._sender.look_up(command.client_order_id):
            await super()._query_order(command)  # so that no change stays pending that Alpaca knows nothing of

    def _on_foreign(self, order: schemas.Order) -> None:
        self._background.begin(self._foreign.take(order))

    # Reports

    async def generate_mass_status(self, lookback_mins: int | None = None) -> ExecutionMassStatus | None:
        """Return all reports since a time, or ``None`` if Alpaca cannot be asked: then the node does not start."""
        try:
            status = await super().generate_mass_status(lookback_mins)
            if status is not None:
                ended = await self._ledger.take_past(status.order_reports.values())
                await _until(lambda: all(order.is_closed for order in ended))
        except TROUBLE as error:
            self._log.error(f"what was sent before cannot be asked for: {error}")
            status = None
        finally:
            self.reconciliation_active = False  # Nautilus leaves it on after a failure
            self._balances.change()
        return status

    async def generate_order_status_report(self, command: GenerateOrderStatusReport) -> OrderStatusReport | None:
        """Return what Alpaca has of one order; ``None`` if it does not have it or cannot be asked."""
        try:
            await self._catch_up()
            return await self._reports.order(command.client_order_id, command.venue_order_id)
        except TROUBLE as error:
            self._log.error(f"no report of {command.client_order_id}: {error}")
            return None

    async def generate_order_status_reports(self, command: GenerateOrderStatusReports) -> list[OrderStatusReport]:
        """Return what Alpaca has of the orders that are open, or of all since a time. Raises an `AlpacaError`."""
        await self._catch_up()
        return await self._reports.orders(command.start, command.instrument_id, open_only=command.open_only)

    async def generate_fill_reports(self, command: GenerateFillReports) -> list[FillReport]:
        """Return the executions since a time. Raises an `AlpacaError`."""
        return await self._reports.fills(command.start, command.instrument_id, command.venue_order_id)

    async def generate_position_status_reports(
        self, command: GeneratePositionStatusReports
    ) -> list[PositionStatusReport]:
        """Return the positions. Raises an `AlpacaError`."""
        return await self._reports.positions(command.instrument_id)

    async def _catch_up(self) -> None:
        """Tell every execution before a report counts it: otherwise Nautilus would make one up."""
        if not self.reconciliation_active:
            await self._ledger.catch_up()
            await self._settle()

    async def _settle(self) -> None:
        """Let Nautilus take the executions that it was told."""
        accepted = [track for track in self._tracks.open() if track.accepted]
        await _until(lambda: all(track.order.filled_qty.as_decimal() >= track.total for track in accepted))


async def _until(is_so: Callable[[], bool]) -> None:
    """Let Nautilus take what it was told, for a second at most."""
    for _ in range(100):
        if is_so():
            return
        await asyncio.sleep(SETTLE_S)
