"""What an Alpaca account is worth, as Nautilus counts a margin account. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from nautilus_trader.model.currencies import USD
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.objects import AccountBalance, Money
from nautilus_trader.model.position import Position

from adapters.alpaca import schemas


def balance(account: schemas.Account, gained: Decimal) -> AccountBalance:
    """Return the balance: Alpaca's equity without what is open has `gained`, which Nautilus adds itself.

    That is of the positions that Nautilus holds too; what others have gained or lost stays in the balance. Locked is
    what Alpaca's initial margin ties up, at most all of it.
    """
    return _balance(Decimal(account.equity) - gained, Decimal(account.initial_margin or 0))


def gained(held: schemas.Position | None, ours: Sequence[Position], least: Decimal) -> tuple[Decimal, bool]:
    """Return what the open positions in an instrument have gained, and whether both sides hold the same.

    It is by the averages that Nautilus has of them: Alpaca nets, so of what two strategies hold against one another it
    holds nothing, and what that has gained is realised there. Where both do not hold the same, as while an execution
    is on its way, it is what Alpaca says.

    Parameters
    ----------
    held : Position, optional
        What Alpaca has.
    ours : sequence of Position
        What Nautilus has.
    least : Decimal
        By less than that they are the same.
    """
    theirs = Decimal(held.qty) if held is not None else Decimal(0)
    unrealized = Decimal(held.unrealized_pl or 0) if held is not None else Decimal(0)
    signed = [position.signed_decimal_qty() for position in ours]
    is_same = abs(theirs - sum(signed, Decimal(0))) < least
    if not is_same or (held is not None and held.avg_entry_price is None):
        return unrealized, is_same
    paid = theirs * Decimal(held.avg_entry_price or 0) if held is not None else Decimal(0)
    cost = sum((Decimal(repr(one.avg_px_open)) * qty for one, qty in zip(ours, signed, strict=True)), Decimal(0))
    return unrealized + paid - cost, True


def after(known: AccountBalance, position: Position, fill: OrderFilled) -> AccountBalance:
    """Return the balance once `fill` has reduced `position`, or enlarged it: what that has made is realised.

    It was a part of what is open has gained before, and would else be missing until Alpaca tells the balance.
    """
    made = Decimal(0)
    if fill.order_side != position.entry:
        step = fill.last_px.as_decimal() - Decimal(repr(position.avg_px_open))
        made = fill.last_qty.as_decimal() * (step if fill.is_sell else -step)
    if fill.commission.currency == USD:
        made -= fill.commission.as_decimal()
    return _balance(known.total.as_decimal() + made, known.locked.as_decimal())


def _balance(amount: Decimal, tied: Decimal) -> AccountBalance:
    total = Money(amount, USD)
    locked = Money(max(Decimal(0), min(tied, total.as_decimal())), USD)
    return AccountBalance(total, locked, Money(total.as_decimal() - locked.as_decimal(), USD))
