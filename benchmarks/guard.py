"""What the guard costs and whether it is right: ``python -m benchmarks.guard [ORDERS]``.

Gate cost: the processor time that the gate takes for one entry, without what it forwards to, in a real engine that
sends one a second; with nothing open, and with sixteen positions and sixty resting orders. Verdicts: orders at each
threshold and one step to either side. Leaks: orders that leave, on each way out, after the kill switch is engaged.
"""

import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.orders import Order

from benchmarks.command import Command, from_one
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.execution.commands import EXECUTE
from sagetrade_nautilus.guard.gate.gate import Gate
from tests.support.boundary import cases, probe
from tests.support.engine import START, engine, trades
from tests.support.latch import forget, put
from tests.support.paths import PATHS, after_the_stop, before
from tests.support.scripted import INSTRUMENT, Scripted

ORDERS = 2_000
WIDE = LimitConfig(max_open_trades=99, max_repeated_orders=99, max_orders_per_minute=99, max_messages_per_s=99)


def _gate_costs(folder: Path, orders: int, *, latch: bool, positions: int = 0, resting: int = 0) -> list[int]:
    """Return the nanoseconds that the gate took for each of `orders` entries, what it forwards to left out."""
    costs: list[int] = []

    def timed(gate: Gate, command: Any) -> None:
        forward, inside = gate._forward, 0

        def forwarded(passed: Any) -> None:
            nonlocal inside
            began = time.thread_time_ns()
            forward(passed)  # type: ignore[misc]
            inside = time.thread_time_ns() - began

        gate._forward = forwarded
        began = time.thread_time_ns()
        Gate.execute(gate, command)
        costs.append(time.thread_time_ns() - began - inside)
        gate._forward = forward

    def prepare(strategy: Scripted) -> None:
        for _ in range(positions):
            strategy.market(0.001)
        for _ in range(resting):
            strategy.submit_order(_rest(strategy))
        gate = _gate_of(strategy)
        strategy.msgbus.deregister(EXECUTE, gate.execute)
        strategy.msgbus.register(EXECUTE, partial(timed, gate))

    def measure(strategy: Scripted) -> None:
        rest = _rest(strategy)
        strategy.submit_order(rest)
        strategy.cancel_order(rest)

    path = folder / "latch.json"
    put(path, ts=START, sequence=1)
    forget(folder)
    made = engine(folder, limits=WIDE, latch=path if latch else None)
    made.add_data(trades([40_000.0] * (orders + 10)))
    made.add_strategy(Scripted({2: prepare, **dict.fromkeys(range(5, 5 + orders), measure)}))
    made.run()
    made.dispose()
    return [cost for number, cost in enumerate(costs) if number % 2 == 0]  # every second one is a cancel


def _gate_of(strategy: Scripted) -> Gate:
    """Return the gate behind the endpoint: the bus tells of no handler, so it is asked for by what it registered."""
    import gc  # noqa: PLC0415

    return next(item for item in gc.get_objects() if isinstance(item, Gate) and item._msgbus is strategy.msgbus)


def _rest(strategy: Scripted) -> Order:
    return strategy.order_factory.limit(
        INSTRUMENT, OrderSide.BUY, strategy.qty(0.001), strategy.price(38_000.0 + strategy.count / 100)
    )


def _line(name: str, costs: list[int]) -> str:
    ordered = sorted(costs)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    shown = [statistics.median(ordered) / 1e3, p99 / 1e3, ordered[-1] / 1e3]
    return f"{name:<58} N={len(ordered):<6} p50 {shown[0]:7.1f}  p99 {shown[1]:7.1f}  max {shown[2]:8.1f} us"


def _costs(root: Path, orders: int) -> None:
    runs: list[tuple[str, dict[str, Any]]] = [
        ("gate, nothing open, no kill switch (backtest)", {"latch": False}),
        ("gate, nothing open, kill switch read", {"latch": True}),
        ("gate, 16 positions and 60 resting orders, kill switch read", {"latch": True, "positions": 16, "resting": 60}),
    ]
    for number, (name, options) in enumerate(runs):
        folder = root / f"cost-{number}"
        folder.mkdir()
        print(_line(name, _gate_costs(folder, orders, **options)))


def _verdicts(root: Path) -> int:
    verdicts = []
    for number, case in enumerate(cases()):
        folder = root / f"case-{number}"
        folder.mkdir()
        verdicts += probe(case, folder)
    wrong = [verdict for verdict in verdicts if verdict.is_wrong]
    print(f"\nverdicts at a threshold and one step to either side: {len(wrong)} wrong of {len(verdicts)}")
    for verdict in wrong:
        print(f"  {verdict.case.name}: {verdict.order} {'left' if verdict.left else 'did not leave'}")
    return len(wrong)


def _leaks(root: Path) -> int:
    print("\norders at the venue after a halt, by the way that they took:")
    total = 0
    for name, path in PATHS.items():
        counts = []
        for guarded in (False, True):
            folder = root / f"leak-{name}-{guarded}"
            folder.mkdir()
            counts.append(len(after_the_stop(folder, path, guarded=guarded, earlier=before(name))))
        total += counts[1]
        print(f"  {name:<14} without the guard {counts[0]:>3} events, with it {counts[1]}")
    return total


def main(orders: int) -> int:
    """Measure, print, and return 1 if a verdict was wrong or an order leaked."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        root = Path(folder)
        _costs(root, orders)
        return 1 if _verdicts(root) + _leaks(root) else 0


def command() -> Command:
    parser = Command("guard", __doc__, "half a minute")
    parser.add_argument("orders", type=from_one, nargs="?", default=ORDERS, help="orders of each figure (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main(command().parse_args().orders))
