"""Tells Nautilus what the account is worth: at the start, a moment after each execution, and at every sweep.

What an execution has made is counted at once, before anybody hears of it: a loss that is in no open position's gain any
more, and in no balance yet, would make a peak that never was.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import MessageBus
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.events import OrderEvent, OrderFilled
from nautilus_trader.model.objects import AccountBalance

from adapters.alpaca.accounts import after, balance
from adapters.alpaca.http import TROUBLE
from adapters.alpaca.reconciliation import Reconciliation
from adapters.alpaca.trading import TradingApi

PAUSE_S: Final = 1.0
PATIENCE: Final = 5
"""How often a balance is asked for anew, a second apart, while Alpaca does not hold what Nautilus does."""
BEFORE_THE_NODE: Final = 100
"""Priority on the topic of orders: the balance is right before a strategy acts or the guard looks."""


class Balances:
    """Asks for the account, at most once a second.

    Parameters
    ----------
    api, reports : TradingApi, Reconciliation
        Who is asked.
    msgbus, cache : MessageBus, CacheFacade
        The node's.
    tell : callable
        Takes the balance to Nautilus.
    warn : callable
        Logs a line.
    """

    def __init__(
        self,
        api: TradingApi,
        reports: Reconciliation,
        msgbus: MessageBus,
        cache: CacheFacade,
        tell: Callable[[AccountBalance], object],
        warn: Callable[[str], object],
    ) -> None:
        self._api = api
        self._reports = reports
        self._tell = tell
        self._warn = warn
        self._cache = cache
        self._stale = asyncio.Event()
        self._counts = False
        """Whether executions count: not while Nautilus goes through what was executed before its start."""
        msgbus.subscribe(topic="events.order.*", handler=self._on_order, priority=BEFORE_THE_NODE)

    def change(self) -> None:
        """Say that the account may have changed."""
        self._stale.set()

    async def keep(self) -> None:
        """Tell the balance after each change, until cancelled.

        While an execution is on its way it is not told, as what that has gained would count twice; but for so long.
        """
        waited = 0
        while True:
            await self._stale.wait()
            await asyncio.sleep(PAUSE_S)
            self._stale.clear()
            if await self.attempt(patiently=waited < PATIENCE):
                waited, self._counts = 0, True
            else:
                waited += 1
                self._stale.set()

    async def attempt(self, *, patiently: bool = False) -> bool:
        """Do as `tell`; where Alpaca cannot be asked, the next change is waited for."""
        try:
            return await self.tell(patiently=patiently)
        except TROUBLE as error:
            self._warn(f"the balance is not known: {error}")
            return True

    async def tell(self, *, patiently: bool = False) -> bool:
        """Tell the balance, and whether it was told: not `patiently` while both sides do not hold the same.

        Raises an `AlpacaError`.
        """
        account, (gained, is_settled) = await asyncio.gather(self._api.account(), self._reports.gained())
        is_told = is_settled or not patiently
        if is_told:
            self._tell(balance(account, gained))
        return is_told

    def _on_order(self, event: OrderEvent) -> None:
        if not (self._counts and isinstance(event, OrderFilled) and event.account_id == self._reports.account_id):
            return
        account, position = self._cache.account(event.account_id), self._cache.position(event.position_id)
        if account is not None and position is not None:
            self._tell(after(account.balance(USD), position, event))
        self.change()
