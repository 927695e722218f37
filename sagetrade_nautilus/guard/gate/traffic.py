"""What left through the gate lately, and how it was filled: what the limits on traffic and slippage look at."""

from collections import defaultdict, deque
from collections.abc import Sequence
from statistics import fmean

from sagetrade_nautilus.guard.gate.book import ProposedOrder, SentOrder
from sagetrade_nautilus.nanos import NANOS_PER_HOUR, NANOS_PER_SECOND

REMEMBERED_ORDERS = 1_000
REMEMBERED_FILLS = 10
SLIPPAGE_WINDOW_NS = NANOS_PER_HOUR


class Traffic:
    """A bounded memory of entries, of messages and of fills.

    Parameters
    ----------
    remembered_s : float
        For how long entries are remembered: as long as a limit counts them.
    """

    def __init__(self, remembered_s: float = 60.0) -> None:
        self._remembered_ns = remembered_s * NANOS_PER_SECOND
        self.sent: deque[SentOrder] = deque()
        """The entries that left, oldest first."""
        self._references: dict[str, float] = {}
        self._messages: dict[bool, deque[int]] = {True: deque(), False: deque()}
        self._slippages: defaultdict[str, deque[tuple[int, float]]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED_FILLS)
        )

    def left(self, orders: Sequence[tuple[ProposedOrder, float]], ts: int) -> None:
        """Take note of entries that left at `ts`, each with the last price at that moment."""
        for order, price in orders:
            self.sent.append(sent(order, ts))
            if order.client_order_id:
                self._references[order.client_order_id] = order.named_prices[-1] if order.named_prices else price
            if len(self._references) > REMEMBERED_ORDERS:
                del self._references[next(iter(self._references))]
        while self.sent and ts - self.sent[0].ts >= self._remembered_ns:
            self.sent.popleft()

    def message(self, ts: int, *, reduces: bool, count: int = 1) -> None:
        """Take note of `count` messages that left at `ts`."""
        self._messages[reduces].extend([ts] * count)

    def messages(self, ts: int, *, reduces: bool) -> int:
        """Return how many messages of this kind left within the second before `ts`."""
        known = self._messages[reduces]
        while known and ts - known[0] >= NANOS_PER_SECOND:
            known.popleft()
        return len(known)

    def filled(self, client_order_id: str, symbol: str, price: float, *, buys: bool, ts: int) -> None:
        """Take note of a fill, held against the entry's trigger or limit price, else the last price when it left.

        What is not known as an entry that has left, an exit for one, is passed over.
        """
        reference = self._references.get(client_order_id, 0.0)
        if reference > 0.0:
            worse = price / reference - 1.0 if buys else 1.0 - price / reference
            self._slippages[symbol].append((ts, worse * 10_000.0))

    def slippage_bps(self, symbol: str, ts: int) -> float:
        """Return by how much the instrument's last entries filled worse, on average over the hour; 0 if none did."""
        recent = [worse for at, worse in self._slippages.get(symbol, ()) if ts - at < SLIPPAGE_WINDOW_NS]
        return fmean(recent) if recent else 0.0


def sent(order: ProposedOrder, ts: int) -> SentOrder:
    """Return `order` as one that left at `ts`."""
    return SentOrder(
        ts, order.strategy, order.symbol, order.sells, order.quantity, order.named_prices, order.client_order_id
    )
