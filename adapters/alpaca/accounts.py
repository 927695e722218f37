"""What an Alpaca account is worth, as Nautilus counts a margin account. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from nautilus_trader.model.currencies import USD
from nautilus_trader.model.objects import AccountBalance, Money

from adapters.alpaca.schemas import Account, Position


def balance(account: Account, positions: Sequence[Position]) -> AccountBalance:
    """Return the balance: Alpaca's equity without what `positions` have gained, which Nautilus adds itself.

    These are the open ones that Nautilus holds too; what others have gained or lost stays in the balance. Locked is
    what Alpaca's initial margin ties up, at most all of it.
    """
    gained = sum((Decimal(position.unrealized_pl or 0) for position in positions), Decimal(0))
    total = Money(Decimal(account.equity) - gained, USD)
    tied = Decimal(account.initial_margin or 0)
    locked = Money(max(Decimal(0), min(tied, total.as_decimal())), USD)
    return AccountBalance(total, locked, Money(total.as_decimal() - locked.as_decimal(), USD))
