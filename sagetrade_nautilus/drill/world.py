"""Everything that outlives a process: the market, the venue, the wire, the kill switch, and the guard's files."""

from pathlib import Path
from random import Random

from sagetrade_nautilus.drill.evidence import Evidence
from sagetrade_nautilus.drill.feed import Feed
from sagetrade_nautilus.drill.lines import Lines
from sagetrade_nautilus.drill.log import Log
from sagetrade_nautilus.drill.orders import ExecutionReport
from sagetrade_nautilus.drill.plan import SYMBOLS, Plan
from sagetrade_nautilus.drill.switch import Switch
from sagetrade_nautilus.drill.venue import Venue
from sagetrade_nautilus.drill.wire import Traffic


class World:
    """The parts of a world, with a stream of chance for each.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    folder : Path
        An empty folder for the guard's files, on a local disk.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.journal = folder / "decisions.jsonl"
        self.latch = folder / "latch.json"
        self.disk_full_at: int | None = None
        self.clock_offset = 0
        self.log = Log(lambda: self.traffic.now - plan.start)
        self.traffic = Traffic(plan, self.stream("wire"), self.log.fault)
        self.feed = Feed(self.stream("feed"), self.log.fault)
        self.switch = Switch(self.latch, self.stream("switch"), self.log.fault)
        self.venue = Venue(
            self.stream("venue"),
            {symbol: self.feed.step_of(symbol) for symbol in SYMBOLS},
            enforces_reduce_only=plan.enforces_reduce_only,
            partial_share=plan.partial_share,
        )
        self.lines = Lines(self.journal)
        self.evidence = Evidence(self.venue, self.feed, self.switch, self.traffic, self.lines)
        for symbol in SYMBOLS:
            self.venue.trade_at(symbol, self.feed.price(symbol))

    @property
    def clock(self) -> int:
        """What a process's clock shows, UNIX nanoseconds."""
        return self.traffic.now + self.clock_offset

    def stream(self, name: str) -> Random:
        """Return a stream of chance of its own for `name`."""
        return Random(f"{name} {self.plan.seed}")  # noqa: S311 - a drill must be repeatable

    def note(self, report: ExecutionReport) -> None:
        """Note what the venue says."""
        trade = f" {report.trade.quantity} at {report.trade.price}" if report.trade is not None else ""
        self.log.say(f"venue: {report.kind} {report.client_order_id}{trade}")
