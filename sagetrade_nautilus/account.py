"""What an account is worth, from Nautilus's cache: the one place that knows cash from margin accounts."""

from math import nan
from typing import Any

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Currency
from nautilus_trader.model.position import Position

from sagetrade_nautilus.model import one_exit
from sagetrade_nautilus.prices import Prices
from sagetrade_nautilus.sizes import smallest


def equity(cache: CacheFacade, venue: Venue, currency: Currency, prices: Prices) -> float:
    """Return the account's worth at last prices, in `currency`; NaN when it cannot be known.

    A margin account is its balance plus what the open positions have gained. A cash account is its balances, each coin
    at its last price against `currency`.
    """
    account = cache.account_for_venue(venue)
    if account is None:
        return nan
    if account.is_cash_account:
        held = account.balances_total().items()
        return sum(float(total.as_double()) * _rate(cache, venue, coin, currency, prices) for coin, total in held)
    balance = account.balance_total(currency)
    if balance is None:
        return nan
    worth: float = balance.as_double()
    for position in cache.positions_open(venue=venue):
        worth += (prices.market(position.instrument_id).price - position.avg_px_open) * position.signed_qty
    return worth


def _rate(cache: CacheFacade, venue: Venue, held: Currency, currency: Currency, prices: Prices) -> float:
    if held == currency:
        return 1.0
    for instrument in cache.instruments(venue=venue):
        if instrument.get_base_currency() == held and instrument.quote_currency == currency:
            return prices.last(instrument.id)
    return nan


def result(position: Position) -> float:
    """Return what a closed position made, in its quote currency: the money that came less what went.

    Nautilus takes off fees in money alone. One in coins has made the position smaller, so here it is in what they cost.
    """
    fees = position.commissions()
    if not any(fee.currency == position.base_currency != position.settlement_currency for fee in fees):
        return float(position.realized_pnl.as_double())
    came = sum(fill.last_qty * fill.last_px * (1 if fill.is_sell else -1) for fill in position.events)
    return float(came - sum(fee.as_decimal() for fee in fees if fee.currency == position.settlement_currency))


def is_dust(cache: CacheFacade, position: Position) -> bool:
    """Tell whether a position counts as none: it is of coins, and no order could sell so few of them."""
    if not one_exit.has_one_exit(position.instrument_id.value):
        return False
    instrument = cache.instrument(position.instrument_id)
    return instrument is not None and one_exit.is_dust(position.quantity.as_decimal(), smallest(instrument))


def held_positions(cache: CacheFacade, **which: Any) -> list[Position]:
    """Return the open positions that count, oldest first; `which` is what Nautilus's cache is asked by."""
    held = [position for position in cache.positions_open(**which) if not is_dust(cache, position)]
    return sorted(held, key=lambda position: (position.ts_opened, position.id.value))
