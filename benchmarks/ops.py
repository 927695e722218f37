"""What it costs to be watched: ``python -m benchmarks.ops [DAYS] [ROUNDS]``.

Backtest: the demo's first DAYS days with and without the actor that counts, in turns, as often as ROUNDS; processor
time, and that within its handlers. Live: the processor time of each event's handler by itself, which a node's event
loop waits for, with its line of the log as JSON; the answers to Prometheus are made on that loop too. Ends with 1 if a
bound is missed.
"""

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.command import Command, from_one
from sagetrade_nautilus.config import OpsConfig, load
from sagetrade_nautilus.ops.actor import OpsActor, OpsActorConfig
from sagetrade_nautilus.ops.logs import events_to
from sagetrade_nautilus.run import backtest

BACKTEST_SHARE_MAX = 0.02
EVENT_US_MAX = 100.0
HANDLERS = ("_on_order", "_on_position", "_on_decision", "_on_watch", "_on_text")
DEMO = Path(__file__).resolve().parents[1] / "configs" / "demo.toml"


class Timed(OpsActor):
    """An OpsActor that notes how long each event held the loop, and each answer."""

    def __init__(self) -> None:
        super().__init__(OpsActorConfig(ops=OpsConfig()))
        self.events_ns: list[int] = []
        self.answers_ns: list[int] = []
        for name in HANDLERS:
            setattr(self, name, self._timed(getattr(self, name)))

    def _timed(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def timed(event: Any) -> None:
            began = time.thread_time_ns()
            handler(event)
            self.events_ns.append(time.thread_time_ns() - began)
            if len(self.events_ns) % 50 == 0:
                began = time.thread_time_ns()
                self.render()
                self.answers_ns.append(time.thread_time_ns() - began)

        return timed


def _cpu_s(config: Any, folder: Path, actor: OpsActor | None) -> float:
    journal = folder / "decisions.jsonl"
    journal.unlink(missing_ok=True)
    journal.with_suffix(".head").unlink(missing_ok=True)
    began = time.process_time()
    backtest.run(config, journal, listeners=[] if actor is None else [actor])
    return time.process_time() - began


def _line(name: str, costs_ns: list[int]) -> float:
    ordered = sorted(costs_ns)
    p99_us = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))] / 1e3
    p50_us = statistics.median(ordered) / 1e3
    print(f"{name:<44} N={len(ordered):<7} p50 {p50_us:8.1f}  p99 {p99_us:8.1f}  max {ordered[-1] / 1e3:8.1f} us")
    return p99_us


def main(days: int, rounds: int) -> int:
    """Measure, print, and return 1 if a bound is missed."""
    demo = load(DEMO)
    data = msgspec.structs.replace(demo.data, end=demo.data.start + dt.timedelta(days=days))
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        config = msgspec.structs.replace(demo, data=msgspec.structs.replace(data, catalog=str(folder / "catalog")))
        backtest.prepare(config)
        _cpu_s(config, folder, None)  # so that imports and caches count for neither
        pairs = [
            (_cpu_s(config, folder, None), _cpu_s(config, folder, OpsActor(OpsActorConfig()))) for _ in range(rounds)
        ]
        plain, watched = (statistics.median(side) for side in zip(*pairs, strict=True))
        timed, logged = Timed(), Timed()
        _cpu_s(config, folder, timed)
        with (folder / "log.jsonl").open("wb") as log, events_to(log.fileno()):
            _cpu_s(config, folder, logged)
    within = sum(timed.events_ns) / 1e9 / plain
    print(f"backtest of {days} days: {plain:.2f} s, watched {watched:.2f} s: {watched / plain - 1:+.2%} (N={rounds})")
    print(f"of it within the handlers, their timing too: {within:.2%} of the run, bound {BACKTEST_SHARE_MAX:.0%}")
    _line("an event, on the node's loop", timed.events_ns)
    p99_us = _line("an event that is logged as JSON too", logged.events_ns)
    _line("an answer to Prometheus, on the node's loop", timed.answers_ns)
    met = within < BACKTEST_SHARE_MAX and p99_us < EVENT_US_MAX
    print("both bounds are met" if met else "A BOUND IS MISSED")
    return 0 if met else 1


def command() -> Command:
    parser = Command("ops", __doc__, "five to ten minutes")
    parser.add_argument("days", type=from_one, nargs="?", default=60, help="days of the demo (%(default)s)")
    parser.add_argument("rounds", type=from_one, nargs="?", default=5, help="runs with and without it (%(default)s)")
    return parser


if __name__ == "__main__":
    given = command().parse_args()
    sys.exit(main(given.days, given.rounds))
