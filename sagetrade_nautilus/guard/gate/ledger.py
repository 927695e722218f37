"""What is open and on its way, counted for the limits from Nautilus's cache."""

from collections.abc import Callable, Iterable

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, Venue
from nautilus_trader.model.objects import Currency
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.account import equity, is_dust
from sagetrade_nautilus.guard.gate.book import Book
from sagetrade_nautilus.prices import Prices


class Ledger:
    """Counts one account.

    Parameters
    ----------
    venue, currency : Venue, Currency
        The account, and what it is counted in.
    pending : callable
        Returns the orders that left and that the cache does not show as such yet.
    reduce_only : callable
        Returns the instruments in which nothing may be opened.
    """

    def __init__(
        self,
        cache: CacheFacade,
        venue: Venue,
        currency: Currency,
        pending: Callable[[], Iterable[Order]],
        reduce_only: Callable[[], frozenset[str]],
    ) -> None:
        self._cache = cache
        self._venue = venue
        self._currency = currency
        self._pending = pending
        self._reduce_only = reduce_only

    def equity(self, prices: Prices) -> float:
        """Return what the account is worth, NaN if that is unknown."""
        return equity(self._cache, self._venue, self._currency, prices)

    def book(self, prices: Prices, leaving_out: frozenset[ClientOrderId]) -> Book:
        """Return the account as it stands, with entries on their way as if filled, but for those in `leaving_out`."""
        exposures: dict[str, float] = {}
        open_trades = 0
        net = 0.0
        for position in self._cache.positions_open():
            open_trades += not is_dust(self._cache, position)
            value = _expose(exposures, prices, position.instrument_id, position.quantity.as_double())
            net += value if position.is_long else -value
        for client_order_id, order in self._on_their_way().items():
            if order.is_reduce_only or client_order_id in leaving_out:
                continue
            if order.filled_qty.as_double() == 0.0:
                open_trades += 1
            value = _expose(exposures, prices, order.instrument_id, order.leaves_qty.as_double())
            net += value if order.is_buy else -value
        account = self._cache.account_for_venue(self._venue)
        may_short = account is not None and account.is_margin_account
        return Book(self.equity(prices), open_trades, exposures, may_short, net, self._reduce_only())

    def _on_their_way(self) -> dict[ClientOrderId, Order]:
        known = (*self._cache.orders_open(), *self._cache.orders_inflight(), *self._pending())
        return {order.client_order_id: order for order in known}


def _expose(exposures: dict[str, float], prices: Prices, instrument_id: InstrumentId, quantity: float) -> float:
    """Add what `quantity` is worth now to its instrument's exposure, and return it."""
    value = quantity * prices.last(instrument_id)
    name = str(instrument_id)
    exposures[name] = exposures.get(name, 0.0) + value
    return value
