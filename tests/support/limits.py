"""What a limit is asked of: an order of 100 for ten pieces, in a calm market and an empty account of 1,000."""

from sagetrade_nautilus.guard.gate.book import Book, Moment, ProposedOrder, SentOrder
from sagetrade_nautilus.guard.gate.limits import Limit
from sagetrade_nautilus.model.market import Market

SECOND = 1_000_000_000
NOW = 1_000 * SECOND


def denies(limit: Limit, order: ProposedOrder | None = None, *, market: Market | None = None, **book: object) -> bool:
    return bool(limit.check(order or proposed(), moment(market=market, **book)))


def moment(*, market: Market | None = None, sent: tuple[SentOrder, ...] = (), **book: object) -> Moment:
    fields: dict[str, object] = {"equity": 1000.0, "open_trades": 0, "exposures": {}}
    return Moment(NOW, Book(**{**fields, **book}), market or Market(10.0), sent)  # type: ignore[arg-type]


def proposed(notional: float = 100.0, symbol: str = "A.V", **fields: object) -> ProposedOrder:
    given_fields: dict[str, object] = {"strategy": "s", "quantity": 10.0, "symbol": symbol, **fields}
    return ProposedOrder(notional=notional, **given_fields)  # type: ignore[arg-type]


def nothing(symbol: str) -> ProposedOrder:
    return ProposedOrder(symbol=symbol, notional=0.0)


def sent_order(age_s: float, **fields: object) -> SentOrder:
    known: dict[str, object] = {"strategy": "s", "symbol": "A.V", "sells": False, "quantity": 10.0, "named_prices": ()}
    return SentOrder(NOW - int(age_s * SECOND), **{**known, **fields})  # type: ignore[arg-type]
