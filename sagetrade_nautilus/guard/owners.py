"""What may only be reduced: positions that no strategy of this run manages, and books that are not the venue's."""

from collections.abc import Callable, Iterable, Mapping

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Logger
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.position import Position

from sagetrade_nautilus.account import held_positions
from sagetrade_nautilus.guard.journal.scribe import Scribe


class Owners:
    """Finds positions of nobody: those that reconciliation could not give to a strategy, or whose strategy is gone.

    Parameters
    ----------
    strategy_ids : callable
        Returns the ids of this run's strategies.
    changed : callable
        Called when other instruments than before may only be reduced.
    """

    def __init__(
        self,
        cache: CacheFacade,
        strategy_ids: Callable[[], Iterable[StrategyId]],
        scribe: Scribe,
        log: Logger,
        changed: Callable[[], None],
    ) -> None:
        self._cache = cache
        self._strategy_ids = strategy_ids
        self._scribe = scribe
        self._log = log
        self._changed = changed
        self._differing: frozenset[str] = frozenset()
        self._told: frozenset[str] = frozenset()

    def reduce_only(self) -> frozenset[str]:
        """Return the instruments in which nothing may be opened or enlarged."""
        return self._unowned() | self._differing

    def look(self) -> None:
        """Alert of each instrument in which a position of nobody is open from now on, and journal that and its end."""
        unowned = self._unowned()
        for symbol in sorted(unowned ^ self._told):
            state = "reduce_only" if symbol in unowned else "released"
            self._scribe.note(f"unowned_position:{symbol}", state, by="reconciliation")
            if symbol in unowned:
                self._log.error(
                    f"{symbol}: reduce only: a position is open there that no strategy of this run manages. Look at "
                    "the venue whether a stop rests for it; close it there, or everything by `sagetool stop --flatten`"
                )
        if unowned != self._told:
            self._told = unowned
            self._changed()

    def lose(self, position: Position, fill: OrderFilled) -> None:
        """Alert that somebody else, by hand for one, has traded against a position of ours; journal it."""
        symbol, deed = position.instrument_id.value, "bought" if fill.is_buy else "sold"
        self._scribe.note(f"by_hand:{symbol}", f"{deed} {fill.last_qty} of {position.id}", by="reconciliation")
        self._log.error(
            f"{symbol}: somebody else has {deed} {fill.last_qty} of our position {position.id}: it counts as reduced. "
            "Disable its strategy, or stop the node, if it is not to enter again"
        )

    def differ(self, found: Mapping[str, tuple[str, ...]]) -> None:
        """Take it that our books are not the venue's in these instruments and in no others; alert and journal."""
        now = frozenset(found)
        for symbol in sorted(now ^ self._differing):
            state = "reduce_only" if symbol in now else "released"
            self._scribe.note(f"reconciliation:{symbol}", state, by="reconciliation")
        for symbol in sorted(found):
            self._log.error(f"{symbol}: reduce only: our books are not the venue's: {'; '.join(found[symbol])}")
        if now != self._differing:
            self._differing = now
            self._changed()

    def _unowned(self) -> frozenset[str]:
        owners = set(self._strategy_ids())
        strange = (position for position in held_positions(self._cache) if position.strategy_id not in owners)
        return frozenset(position.instrument_id.value for position in strange)
