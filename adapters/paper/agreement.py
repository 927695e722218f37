"""Keeps the node's account what the venue's is, without running ahead of the node's positions.

The node calculates its account from the fills that it has heard of, as a backtest does: a live node queues fills, and a
balance that is told before them would count their profit twice, once as realised and once as still open. The venue's
word is sent only where the two differ once the node has heard everything, which is so after a reconciliation.
"""

from collections import deque
from collections.abc import Callable

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.events import AccountState, OrderEvent
from nautilus_trader.model.identifiers import AccountId


class Agreement:
    """Compares both accounts whenever the node has caught up.

    Parameters
    ----------
    msgbus, cache : MessageBus, Cache
        The node's.
    account_id : AccountId
        The account.
    truth : callable
        Returns the venue's account.
    report : callable
        Tells the node of it.
    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: Cache,
        account_id: AccountId,
        truth: Callable[[], AccountState],
        report: Callable[[AccountState], None],
    ) -> None:
        self._cache = cache
        self._account_id = account_id
        self._truth = truth
        self._report = report
        self._awaited: deque[UUID4] = deque()
        msgbus.subscribe(topic="events.order.*", handler=self._on_applied)

    def told(self, event: OrderEvent) -> None:
        """Wait for the node to have heard of `event`."""
        self._awaited.append(event.id)

    def _on_applied(self, event: OrderEvent) -> None:
        if event.account_id != self._account_id:
            return
        if event.id in self._awaited:
            while self._awaited.popleft() != event.id:
                pass  # what was told before it has been heard too, or was refused
        if not self._awaited:
            self.settle()

    def settle(self) -> None:
        """Tell the node of the venue's account, where the node's is another."""
        truth, account = self._truth(), self._cache.account(self._account_id)
        known = account.last_event
        if (known.balances, known.margins) != (truth.balances, truth.margins):
            self._report(truth)
