"""What an account is worth, from Nautilus's cache: the one place that knows cash from margin accounts."""

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import AccountType, PriceType
from nautilus_trader.model.identifiers import InstrumentId, Venue
from nautilus_trader.model.objects import Currency


def last_price(cache: CacheFacade, instrument_id: InstrumentId) -> float | None:
    """Return the last known price of an instrument, whatever the data that it came from, or ``None``."""
    for kind in (PriceType.LAST, PriceType.MID):
        price = cache.price(instrument_id, kind)
        if price is not None:
            return float(price.as_double())
    return None


def equity(cache: CacheFacade, venue: Venue, currency: Currency) -> float:
    """Return the account's worth at last prices, in `currency`; NaN when it cannot be known.

    A margin account is its balance plus what the open positions have gained. A cash account is its balances, each coin
    at its last price against `currency`.
    """
    account = cache.account_for_venue(venue)
    if account is None:
        return float("nan")
    worth = 0.0
    if account.type == AccountType.CASH:
        for held, balance in account.balances_total().items():
            worth += float(balance.as_double()) * _rate(cache, venue, held, currency)
        return worth
    balance = account.balance_total(currency)
    if balance is None:
        return float("nan")
    worth = float(balance.as_double())
    for position in cache.positions_open(venue=venue):
        price = last_price(cache, position.instrument_id)
        if price is None:
            return float("nan")
        worth += (price - position.avg_px_open) * position.signed_qty
    return worth


def _rate(cache: CacheFacade, venue: Venue, held: Currency, currency: Currency) -> float:
    if held == currency:
        return 1.0
    for instrument in cache.instruments(venue=venue):
        if instrument.get_base_currency() == held and instrument.quote_currency == currency:
            price = last_price(cache, instrument.id)
            return float("nan") if price is None else price
    return float("nan")
