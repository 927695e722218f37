"""Whose the open positions are: what no strategy of this run manages may only be reduced."""

from collections.abc import Callable, Iterable

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Logger
from nautilus_trader.model.identifiers import StrategyId

from sagetrade_nautilus.guard.scribe import Scribe


class Owners:
    """Finds positions of nobody: those that reconciliation could not give to a strategy, or whose strategy is gone.

    Parameters
    ----------
    strategy_ids : callable
        Returns the ids of this run's strategies.
    """

    def __init__(
        self, cache: CacheFacade, strategy_ids: Callable[[], Iterable[StrategyId]], scribe: Scribe, log: Logger
    ) -> None:
        self._cache = cache
        self._strategy_ids = strategy_ids
        self._scribe = scribe
        self._log = log
        self._told: frozenset[str] = frozenset()

    def unowned(self) -> frozenset[str]:
        """Return the instruments with an open position of nobody."""
        owners = set(self._strategy_ids())
        strange = (position for position in self._cache.positions_open() if position.strategy_id not in owners)
        return frozenset(position.instrument_id.value for position in strange)

    def look(self) -> None:
        """Alert of each instrument that from now on is only reduced, and journal that and its release."""
        unowned = self.unowned()
        for symbol in sorted(unowned ^ self._told):
            state = "reduce_only" if symbol in unowned else "released"
            self._scribe.note(f"unowned_position:{symbol}", state, by="reconciliation")
            if symbol in unowned:
                self._log.error(f"{symbol}: reduce only: a position is open there that no strategy of this run manages")
        self._told = unowned
