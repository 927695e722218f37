"""From a journal's orders to fills: what each moved, and cost, counted in one currency."""

from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.model.decision import Side
from sagetrade_nautilus.model.records import ENTRY, FillRecord, read_tags, symbol_of


def fee_is_base(record: OrderRecord) -> bool:
    """Tell whether a fee was taken in what the instrument is one of: BTC of 'BTCUSDT' and 'BTC/USD'.

    A symbol that begins and ends with the currency, as 'USDTUSD' with USD, is quoted in it.
    """
    base, slash, _ = symbol_of(record.instrument_id).partition("/")
    if slash or not record.currency:
        return base == record.currency
    return base.startswith(record.currency) and not base.endswith(record.currency)


def fill_of(
    record: OrderRecord, trade_id: str = "", strategy: str = "", reference: float | None = None
) -> FillRecord | None:
    """Return the fill that an order's record tells of; ``None`` where it tells of none, or of none of a trade.

    A fee that was taken in the base currency is quantity that did not come, or went besides: it becomes that, and a
    commission of its worth, so that trades close and results are the money that came less what went. Any other fee is
    taken to be in the quote currency.

    Parameters
    ----------
    trade_id, strategy : str
        In place of the record's own.
    reference : float, optional
        The price that the decision or the exit saw.
    """
    tags = read_tags(record)
    if record.last_qty is None or record.last_px is None or not tags.role:
        return None
    side: Side = "buy" if record.side == "buy" else "sell"
    quantity, fee = record.last_qty, record.commission or 0.0
    if fee_is_base(record):
        quantity, fee = quantity + (-fee if side == "buy" else fee), fee * record.last_px
    return FillRecord(
        ts=record.ts,
        trade_id=trade_id or tags.trade_id,
        strategy=strategy or record.strategy,
        symbol=symbol_of(record.instrument_id),
        instrument_id=record.instrument_id,
        side=side,
        quantity=quantity,
        price=record.last_px,
        commission=fee,
        liquidity="maker" if record.liquidity == "maker" else "taker",
        reference_price=reference,
        is_entry=tags.role == ENTRY,
    )
