"""What a strategy does with what it finds of its own after a restart. Values in, values out: no venue, no clock."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Kind = Literal["market", "stop", "other"]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An open position: its id, the trade that its opening order names, and its size in base currency, > 0."""

    position_id: str
    trade_id: str
    quantity: float


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is not closed.

    Parameters
    ----------
    order_id : str
        Its client order id.
    position_id : str, optional
        The position that it belongs to, if that is known.
    trade_id : str
        The trade that it names; empty if none.
    kind : {'market', 'stop', 'other'}
        A stop triggers at the market, and one at the market is beyond recall.
    reduces : bool
        Whether it can only reduce.
    quantity : float
        What is left of it.
    """

    order_id: str
    position_id: str | None = None
    trade_id: str = ""
    kind: Kind = "other"
    reduces: bool = False
    quantity: float = 0.0


class TakeUp(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of what was found in one instrument.

    Parameters
    ----------
    position_id : str, optional
        The position that is taken up; ``None`` if there is none.
    is_known : bool
        Whether the saved decision is that of this position.
    stop_id, target_id, close_id : str, optional
        Its stop, its take-profit, and the order that closes it already.
    cancel : tuple[str, ...]
        Orders to cancel.
    flatten : tuple[str, ...]
        Further positions, to be closed: a strategy holds one per instrument.
    """

    position_id: str | None = None
    is_known: bool = False
    stop_id: str | None = None
    target_id: str | None = None
    close_id: str | None = None
    cancel: tuple[str, ...] = ()
    flatten: tuple[str, ...] = ()


def take_up(positions: Sequence[Held], orders: Sequence[Working], saved_trade_id: str | None) -> TakeUp:
    """Return what to do with the open positions and orders of one strategy in one instrument.

    The position of the saved decision is taken up, or else the first; every other one is closed. Of its orders that
    only reduce, the largest stop and the largest of the others stay. Without a stop the take-profit is cancelled, so
    that both can be sent anew together. Whatever else rests is cancelled: an entry of another life is not waited for.

    Parameters
    ----------
    positions, orders : sequence
        Oldest first.
    saved_trade_id : str, optional
        The trade that the strategy has saved for this instrument.
    """
    mine = next((held for held in positions if held.trade_id == saved_trade_id), positions[0] if positions else None)
    own = [order for order in orders if mine is not None and _protects(order, mine)]
    stop, target, close = (_largest(own, kind) for kind in ("stop", "other", "market"))
    kept = {order.order_id for order in (stop, target if stop is not None else None) if order is not None}
    return TakeUp(
        position_id=None if mine is None else mine.position_id,
        is_known=mine is not None and mine.trade_id == saved_trade_id,
        stop_id=None if stop is None else stop.order_id,
        target_id=None if target is None else target.order_id,
        close_id=None if close is None else close.order_id,
        cancel=tuple(order.order_id for order in orders if order.kind != "market" and order.order_id not in kept),
        flatten=tuple(held.position_id for held in positions if held is not mine),
    )


def _protects(order: Working, held: Held) -> bool:
    by_trade = order.position_id is None and order.trade_id == held.trade_id
    return order.reduces and (order.position_id == held.position_id or by_trade)


def _largest(orders: Sequence[Working], kind: Kind) -> Working | None:
    return max((order for order in orders if order.kind == kind), key=lambda order: order.quantity, default=None)
