"""The market: a price that walks, and what the process is told of it, which may be nonsense or nothing."""

from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

from nautilus_trader.model.data import QuoteTick, TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import TradeId

from catalog.instruments import instrument_for
from sagetrade_nautilus.drill.invariants import Sight
from sagetrade_nautilus.drill.plan import SYMBOLS
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

FIRST = {"BTCUSDT.BINANCE": 40_000.0, "ETHUSDT.BINANCE": 3_000.0}
SIGMA = 0.0015
BAD_SHARE = 0.02
JUMP_SHARE = 0.01
FREEZE_SHARE = 0.02


class Feed:
    """Prices for all symbols, and what one process knows of them.

    Parameters
    ----------
    rng : Random
        What the prices are drawn from.
    note : callable
        Told of each fault: its kind and a line for the trace.
    """

    def __init__(self, rng: Random, note: Callable[[str, str], None]) -> None:
        self._rng = rng
        self._note = note
        self._instruments = {symbol: instrument_for(symbol) for symbol in SYMBOLS}
        self._true = dict(FIRST)
        self._frozen_until: dict[str, int] = {}
        self._count = 0
        self.is_sound = False
        self._seen: dict[str, deque[tuple[float, int]]] = {}
        self._crossed: dict[str, bool] = {}

    def price(self, symbol: str) -> Decimal:
        """Return the true price, on the instrument's tick."""
        return Decimal(str(self._instruments[symbol].make_price(self._true[symbol])))

    def step_of(self, symbol: str) -> Decimal:
        """Return the smallest quantity of `symbol`."""
        return Decimal(str(self._instruments[symbol].size_increment))

    def step(self, symbol: str) -> None:
        """Let the true price walk, and now and then jump."""
        change = self._rng.gauss(0.0, SIGMA)
        if not self.is_sound and self._rng.random() < JUMP_SHARE:
            change = self._rng.choice((-0.2, -0.04, 0.04, 0.25))
            self._note("price_jump", f"{symbol} jumps by {change:+.0%}")
        self._true[symbol] = max(1.0, self._true[symbol] * (1.0 + change))

    def forget(self) -> None:
        """Start anew with a process that has been told nothing."""
        self._seen.clear()
        self._crossed.clear()

    def ticks(self, symbol: str, now: int, clock: int) -> Iterator[Any]:
        """Yield what the process is told of `symbol` in this step; `now` is the true time, `clock` its own."""
        if not self.is_sound and self._rng.random() < FREEZE_SHARE:
            self._frozen_until[symbol] = now + self._rng.choice((30, 200)) * NANOS_PER_SECOND
            self._note("frozen_feed", f"{symbol} goes silent")
        if not self.is_sound and now < self._frozen_until.get(symbol, 0):
            return
        yield self._trade(symbol, self._told(symbol), now, clock)
        if self._rng.random() < 0.3:
            yield self._quote(symbol, now, clock)

    def sight(self, symbol: str, clock: int) -> Sight | None:
        """Return the market as the process knows it."""
        seen = self._seen.get(symbol)
        if not seen:
            return None
        price, ts = seen[-1]
        before = seen[0][0]
        jump = abs(price / before - 1.0) * 100.0 if before > 0.0 else float("inf")
        return Sight(
            price=price, age_s=(clock - ts) / NANOS_PER_SECOND, jump_pct=jump, crossed=self._crossed.get(symbol, False)
        )

    def _told(self, symbol: str) -> float:
        price = self._true[symbol]
        if self.is_sound or self._rng.random() >= BAD_SHARE:
            return price
        bad = price * self._rng.choice((0.0, 0.1, 10.0))
        self._note("bad_price", f"{symbol} is told as {bad:.2f}")
        return bad

    def _trade(self, symbol: str, price: float, now: int, clock: int) -> TradeTick:
        instrument = self._instruments[symbol]
        self._count += 1
        tick = TradeTick(
            instrument.id,
            instrument.make_price(price),
            instrument.make_qty(1),
            AggressorSide.BUYER,
            TradeId(str(self._count)),
            now,
            clock,
        )
        self._seen.setdefault(symbol, deque(maxlen=2)).append((tick.price.as_double(), clock))
        return tick

    def _quote(self, symbol: str, now: int, clock: int) -> QuoteTick:
        instrument = self._instruments[symbol]
        price = self._true[symbol]
        bid, ask = price * 0.9999, price * 1.0001
        if not self.is_sound and self._rng.random() < BAD_SHARE * 5:
            bid, ask = ask, bid
            self._note("crossed_market", f"{symbol} is quoted crossed")
        size = instrument.make_qty(1)
        self._crossed[symbol] = instrument.make_price(bid) > instrument.make_price(ask)
        return QuoteTick(instrument.id, instrument.make_price(bid), instrument.make_price(ask), size, size, now, clock)
