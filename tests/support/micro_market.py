"""Micro-trades in a real engine whose book is thin and whose wire is slow, and a market that does what a seed says.

    python -m tests.support.micro_market FIRST LAST

runs the wild market's seeds in this range and prints how long what was filled went without a stop at the venue.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import OrderBookDeltas
from nautilus_trader.model.enums import BookType, LiquiditySide, OrderStatus
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money

from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.execution.algorithm import MicroTrader
from sagetrade_nautilus.guard.journal.journal import check
from sagetrade_nautilus.messages import ENTRIES_TOPIC, EntryEnd
from sagetrade_nautilus.model.decision import Decision
from tests.support.engine import START, bars, book, engine
from tests.support.plugin import Plugin, config, decision
from tests.support.protection import Bareness
from tests.support.signals import SignalFeed

MS = 1_000_000
PRICE = 40_000.0
DECIDED = 300  # the first bar's close, in seconds
ASKED = 0.25  # 10% of 100,000 at 40,000
MICRO = ExecutionConfig(style="micro", lifetime_s=10.0, reprice_interval_s=2.0)
ROOMY = LimitConfig(max_repeated_orders=1_000, max_orders_per_minute=1_000, price_collar_pct=50.0)


def thin(second: float, size: float, price: float = PRICE) -> OrderBookDeltas:
    """Return a book with `size` at the best ask, more only 1% away, and deep bids a dollar below."""
    return book(second, [(price - 1, 50.0), (price * 0.99, 50.0)], [(price, size), (price * 1.01, 50.0)])


class Played:
    """What a run left behind, as plain values."""

    def __init__(self, made: Any, ends: list[EntryEnd], bare: Bareness, folder: Path) -> None:
        self.ends = ends
        self.bare = bare.end()
        orders = made.cache.orders()
        self.roles = {order.tags[1]: order.status for order in orders}
        self.count = Counter(order.tags[1] for order in orders)
        self.sizes = {order.tags[1]: order.quantity.as_double() for order in orders}
        self.entries = [order for order in orders if order.tags[1] == "entry"]
        self.entry_fills = [
            (event.last_px.as_double(), event.last_qty.as_double(), event.ts_event)
            for order in self.entries
            for event in order.events
            if isinstance(event, OrderFilled)
        ]
        self.open = [position.signed_qty for position in made.cache.positions_open()]
        self.sides = [position.entry for position in made.cache.positions()]
        self.trades_left = None
        made.dispose()
        self.journal = (folder / "decisions.jsonl").read_bytes()
        assert check(folder / "decisions.jsonl").fault is None

    @property
    def bought(self) -> float:
        return sum(size for _, size, _ in self.entry_fills)


def play(
    folder: Path,
    books: Sequence[OrderBookDeltas],
    answer: Callable[[CompositeSignal], Decision] = decision,
    *,
    execution: ExecutionConfig = MICRO,
    latency_ns: int = 50 * MS,
    scores: dict[int, float] | None = None,
    limits: LimitConfig = ROOMY,
    closes: int = 20,
    at: dict[float, Callable[[Any], None]] | None = None,
    latch: Path | None = None,
    venue_adjusts: bool = True,
    **changes: Any,
) -> tuple[Played, Any]:
    """Run a plugin on these books; `at` says what else happens, and when (seconds)."""
    folder.mkdir(exist_ok=True)
    made = engine(
        folder,
        limits=limits,
        latency_ns=latency_ns,
        book_type=BookType.L2_MBP,
        latch=latch,
        use_reduce_only=venue_adjusts,
    )
    made.add_data(sorted([*bars([PRICE] * closes), *books], key=lambda item: item.ts_init))
    made.add_actor(SignalFeed(scores or {1: 0.8}))
    made.add_exec_algorithm(MicroTrader())
    plugin = Plugin(config(execution=execution, **changes), answer)
    made.add_strategy(plugin)
    ends: list[EntryEnd] = []
    made.kernel.msgbus.subscribe(topic=ENTRIES_TOPIC, handler=ends.append)
    bare = Bareness(made)
    for second, deed in (at or {}).items():
        due = START + round(second * 1_000) * MS
        made.kernel.clock.set_time_alert_ns(f"at-{second}", due, lambda event, run=deed: run(made))
    made.run()
    return Played(made, ends, bare, folder), plugin


def wild(seed: int) -> tuple[list[OrderBookDeltas], int, ExecutionConfig, float]:
    """Return a book that jumps and thins at random, a latency, a policy and the side, all from the seed."""
    rng = random.Random(seed)  # noqa: S311 - a test's market
    price, books = PRICE, [thin(299, 1.0)]
    second = 300.0
    while second < 340.0:
        price = max(1_000.0, round(price * (1 + rng.gauss(0.0, rng.choice((0.0002, 0.003)))), 0))
        spread = rng.choice((1.0, 5.0, 30.0))
        sizes = [rng.choice((0.01, 0.03, 0.1, 5.0)) for _ in range(2)]
        books.append(
            book(second, [(price - spread, sizes[0]), (price * 0.99, 9.0)], [(price, sizes[1]), (price * 1.01, 9.0)])
        )
        second = round(second + rng.choice((0.02, 0.3, 1.0, 3.0)), 3)
    books += [book(n, [(price - 1, 90.0)], [(price, 90.0)]) for n in range(3_900, 3_960, 10)]
    execution = ExecutionConfig(
        style="micro",
        lifetime_s=rng.choice((1.0, 5.0, 20.0)),
        reprice_interval_s=rng.choice((0.0, 0.5, 2.0)),
        max_slippage_bps=rng.choice((1.0, 5.0, 20.0)),
        partial=rng.choice(("keep", "close")),
        ack_timeout_s=1.0,
    )
    return books, rng.choice((0, 5 * MS, 50 * MS, 400 * MS)), execution, rng.choice((0.8, -0.8))


def run_wild(folder: Path, seed: int) -> int:
    """Check one seed's invariants and return its longest unprotected time in nanoseconds."""
    books, latency_ns, execution, score = wild(seed)
    played, plugin = play(
        folder, books, execution=execution, latency_ns=latency_ns, scores={1: score}, venue_adjusts=seed % 2 == 0
    )
    sign = 1 if score > 0 else -1
    cap = PRICE * (1 + sign * execution.max_slippage_bps / 10_000)
    assert played.bought <= ASKED + 1e-9
    assert all(sign * (price - cap) <= 0.005 for price, _, _ in played.entry_fills)
    assert len(played.entries) == 1
    assert played.entries[0].is_closed
    lived_ns = played.entries[0].ts_last - (START + DECIDED * 1_000 * MS)
    assert lived_ns <= execution.lifetime_s * 1_000 * MS + 2 * latency_ns + MS
    assert played.open == []
    assert {side.name for side in played.sides} <= {"BUY" if sign > 0 else "SELL"}
    assert plugin._trades == {}
    assert not played.bare.ended_bare
    assert played.bare.longest_ns <= 2 * latency_ns
    return played.bare.longest_ns


def fill_late(made: Any) -> None:
    """Fill an entry that was given up, as a venue may."""
    (entry,) = [order for order in made.cache.orders() if order.tags[1] == "entry"]
    assert entry.status == OrderStatus.CANCELED
    now = made.kernel.clock.timestamp_ns()
    late = OrderFilled(
        entry.trader_id, entry.strategy_id, entry.instrument_id, entry.client_order_id, entry.venue_order_id,
        entry.account_id, TradeId("late"), None, entry.side, entry.order_type, entry.quantity, entry.price,
        USDT, Money(0, USDT), LiquiditySide.TAKER, UUID4(), now, now,
    )  # fmt: skip
    made.kernel.msgbus.send("ExecEngine.process", late)


def main(first: int, last: int) -> None:
    """Run so many seeds and print the longest unprotected times, by latency."""
    longest: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            latency_ns = wild(seed)[1]
            longest[latency_ns] = max(longest.get(latency_ns, 0), run_wild(Path(folder) / str(seed), seed))
    for latency_ns, bare_ns in sorted(longest.items()):
        print(f"latency {latency_ns / MS:5.0f} ms: longest unprotected {bare_ns / MS:6.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
