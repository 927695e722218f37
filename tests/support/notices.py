"""Notices by hand."""

from sagetrade_nautilus.bot.notices.notice import Closed, OrderFailed, Unowned
from tests.support.bot_node import BTC, NOW

UNOWNED = Unowned(ts=NOW, instrument_id=BTC)


def failed(number: int) -> OrderFailed:
    return OrderFailed(
        ts=NOW, client_order_id=f"O-{number}", instrument_id=BTC, what="rejected", reason="insufficient funds"
    )


def closed(net: float) -> Closed:
    return Closed(
        ts=NOW,
        instrument_id=BTC,
        side="long",
        quantity=0.25,
        entry_price=43_000.0,
        exit_price=43_100.0,
        net=net,
        currency="USDT",
        strategy="p",
        seconds=60.0,
    )
