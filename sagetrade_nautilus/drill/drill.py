"""One seed: a world in which everything fails, the real guard in it, and what must hold all the same."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from sagetrade_nautilus.drill import invariants
from sagetrade_nautilus.drill.disk import full_at
from sagetrade_nautilus.drill.evidence import Evidence
from sagetrade_nautilus.drill.feed import Feed
from sagetrade_nautilus.drill.lines import Lines
from sagetrade_nautilus.drill.node import Node, sever
from sagetrade_nautilus.drill.plan import DAY, SECOND, SYMBOLS, Plan
from sagetrade_nautilus.drill.program import Program, ProgramConfig
from sagetrade_nautilus.drill.switch import Switch
from sagetrade_nautilus.drill.venue import EXTERNAL, Ask, Report, Venue
from sagetrade_nautilus.drill.wire import Traffic
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.state import State

LABELS = ("alpha", "beta")
SETTLE_ROUNDS = 40
ALL = 100_000


class Crash(BaseException):
    """The process dies here."""


class Violation(msgspec.Struct, frozen=True):
    """An invariant that did not hold, at which step, and how."""

    invariant: str
    step: int
    detail: str


class Outcome(msgspec.Struct, frozen=True):
    """What a seed showed. `faults` counts by kind; `trace` tells every step."""

    seed: int
    steps: int
    orders: int
    denials: int
    crashes: int
    faults: Counter[str]
    violations: tuple[Violation, ...]
    trace: tuple[str, ...]


class Drill:
    """A world with one seed.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    folder : Path
        An empty folder for the guard's files, on a local disk.
    crash_at : int, optional
        The number of the point, from 1, at which the process dies; points are counted over all steps. Without it
        the plan's share decides.
    """

    def __init__(self, plan: Plan, folder: Path, crash_at: int | None = None) -> None:
        self._plan = plan
        self._crash_at = crash_at
        self._rng = self._stream("steps")
        self._fate = self._stream("fate")
        self._journal = folder / "decisions.jsonl"
        self._latch = folder / "latch.json"
        self._loop = asyncio.new_event_loop()
        self._faults: Counter[str] = Counter()
        self._trace: list[str] = []
        self._violations: dict[str, Violation] = {}
        self._step = 0
        self._points = 0
        self._life = 0
        self._disk_full_at: int | None = None
        self._lives_on_a_full_disk: set[int] = set()
        self._offset = 0
        self._node: Node | None = None
        self.feed = Feed(self._stream("feed"), self._fault)
        self.switch = Switch(self._latch, self._stream("switch"), self._fault)
        self.traffic = Traffic(plan, self._stream("wire"), self._fault)
        self.traffic.now = plan.start
        self.venue = Venue(
            self._stream("venue"),
            {symbol: self.feed.step_of(symbol) for symbol in SYMBOLS},
            self._on_report,
            enforces_reduce_only=plan.enforces_reduce_only,
            partial_share=plan.partial_share,
        )
        self._lines = Lines(self._journal)
        self.evidence = Evidence(self.venue, self.feed, self.switch, self.traffic, self._lines)

    def run(self) -> Outcome:
        """Play the seed to its end."""
        for symbol in SYMBOLS:
            self.venue.trade_at(symbol, self.feed.price(symbol))
        self._start()
        for self._step in range(1, self._plan.steps + 1):
            self._play()
        self._settle()
        for check in invariants.SETTLED:
            self._judge(check.__name__, check(self.evidence.settled(self._node)))
        self._end()
        return Outcome(
            seed=self._plan.seed,
            steps=self._plan.steps,
            orders=len(self.venue.arrivals),
            denials=self._lines.denials,
            crashes=self._life - 1,
            faults=self._faults,
            violations=tuple(self._violations.values()),
            trace=tuple(self._trace),
        )

    # -- Steps -------------------------------------------------------------------------------------

    def _play(self) -> None:
        """Let time pass, messages arrive and prices move, and then do one thing."""
        self._pass(self._rng.choice((0.05, 0.3, 1.0, 1.0, 5.0, 15.0)))
        for symbol in SYMBOLS:
            self.feed.step(symbol)
            self.venue.trade_at(symbol, self.feed.price(symbol))
        self._recover()
        self._feed()
        things: tuple[tuple[int, Callable[[], None]], ...] = (
            (60, self._trade),
            (8, self._check),
            (3, self._stop),
            (1, self._harm_the_latch),
            (2, self._move_the_clock),
            (1, self._fill_the_disk),
            (3, self._cancel_at_the_venue),
        )
        self._rng.choices([thing for _, thing in things], [weight for weight, _ in things])[0]()

    def _recover(self) -> None:
        """Sometimes have people free the disk, start the process again, and let a stopped one go on."""
        if self._disk_full_at is not None and self._rng.random() < 0.2:
            self._disk_full_at = None
            self._say("the disk has room again")
        if self._node is None and self._rng.random() < 0.3:
            self._start()
        if self.switch.state > State.RUNNING and self._rng.random() < 0.15:
            self.switch.release(self.traffic.now)

    def _trade(self) -> None:
        """Have a program act once or twice in the same moment."""
        for _ in range(self._rng.choice((1, 1, 2))):
            node = self._node
            if node is None:
                return
            program = self._rng.choice(node.programs)
            self._in_process(lambda program=program: self._say(f"{program.id}: {program.act()}"))

    def _check(self) -> None:
        """Have the engine compare its orders and positions with the venue's, as it does now and then."""
        if self._node is not None:
            node = self._node
            self._in_process(lambda: node.engine.check(self._loop, positions=self.traffic.is_empty))

    def _stop(self) -> None:
        self.switch.engage(self.traffic.now)

    def _harm_the_latch(self) -> None:
        self.switch.harm()

    def _move_the_clock(self) -> None:
        jump = self._rng.choice((-60.0, -2.0, -0.5, 0.5, 2.0, 60.0))
        self._offset += int(jump * SECOND)
        self._fault("clock_jump", f"the clock jumps by {jump:+g} s")

    def _fill_the_disk(self) -> None:
        size = self._journal.stat().st_size if self._journal.exists() else 0
        self._disk_full_at = size + self._rng.randint(0, 1500)
        self._mark_full_disk()
        self._fault("disk_full", "the disk fills up")

    def _mark_full_disk(self) -> None:
        """Remember that this process may fail to write: part of Nautilus swallows the error, and the next one tells."""
        if self._disk_full_at is not None:
            self._lives_on_a_full_disk.add(self._life)

    def _cancel_at_the_venue(self) -> None:
        working = self.venue.working()
        if working:
            order = self._rng.choice(working)
            self._fault("venue_cancel", f"the venue cancels {order.ask.client_order_id}")
            self.venue.cancel(order.ask.client_order_id)

    def _feed(self) -> None:
        """Tell the process the prices."""
        if self._node is None:
            return
        for symbol in SYMBOLS:
            node = self._node
            if node is None:
                return
            for tick in self.feed.ticks(symbol, self.traffic.now, node.now()):
                self._in_process(lambda tick=tick, node=node: node.data.process(tick))

    # -- Time --------------------------------------------------------------------------------------

    def _pass(self, seconds: float) -> None:
        """Let what is due arrive, until `seconds` have gone by."""
        end = self.traffic.now + int(seconds * SECOND)
        while (act := self.traffic.next(end)) is not None:
            self.venue.now = self.traffic.now
            self._tick_clock()
            act()
        self.traffic.now = end
        self.venue.now = end
        self._tick_clock()

    def _tick_clock(self) -> None:
        if self._node is not None:
            node, ts = self._node, self.traffic.now + self._offset
            self._in_process(lambda: node.tell_time(ts))

    # -- The process -------------------------------------------------------------------------------

    def _start(self) -> None:
        """Start a process. What the one before it had sent has arrived by then."""
        self._pass(2 * self._plan.latency_s_max + self._rng.choice((2.0, 5.0, 30.0)))
        heirs = dict(zip(SYMBOLS, LABELS, strict=True))
        if self._life:
            self.venue.forget_owners({symbol: EXTERNAL if self._plan.hedging else self._owner(label)
                                      for symbol, label in heirs.items()})
        self._life += 1
        self.feed.forget()
        self.evidence.begin_life(self.traffic.now + self._offset)
        life, held = self._life, Random(f"programs {self._plan.seed} {self._life}")  # noqa: S311 - repeatable
        self._mark_full_disk()
        try:
            with full_at(self._disk_full_at):
                self._node = Node(
                    programs=[self._program(number, label, heirs, held) for number, label in enumerate(LABELS, 1)],
                    limits=self._plan.limits,
                    journal=self._journal,
                    latch=self._latch,
                    venue=self.venue,
                    wire=_Wire(self, life),
                    on_passed=self.evidence.passed,
                    now=self.traffic.now + self._offset,
                )
                self._node.start()
            self._say(f"process {self._life} runs")
        except GuardError as error:
            self._refused(error)
        except Exception as error:  # noqa: BLE001 - the drill's edge: whatever a node raises is its finding
            self._broken(error)

    def _program(self, number: int, label: str, heirs: dict[str, str], rng: Random) -> Program:
        claims = [symbol for symbol, heir in heirs.items() if heir == label]
        config = ProgramConfig(
            strategy_id=label,
            order_id_tag=f"{number:03d}",
            oms_type="HEDGING" if self._plan.hedging else "NETTING",
            external_order_claims=None if self._plan.hedging else claims,
            symbols=SYMBOLS,
            inherits=tuple(claims),
            log_events=False,
            log_commands=False,
        )
        return Program(config, rng, self._plan.manners)

    @staticmethod
    def _owner(label: str) -> str:
        return f"{label}-{LABELS.index(label) + 1:03d}"

    def _in_process(self, act: Callable[[], None]) -> None:
        """Do `act` in the process, and what follows from it. Whatever it raises is the process's end."""
        node = self._node
        if node is None:
            return
        try:
            with full_at(self._disk_full_at):
                self.point("step")
                act()
                lags = self._fate.random() < self._plan.lag_share
                node.engine.pump(self._fate.randint(0, 3) if lags else ALL)
        except Crash:
            self._die("crash", "the process dies")
        except GuardError as error:
            self._refused(error)
        except Exception as error:  # noqa: BLE001 - the drill's edge: whatever a node raises is its finding
            self._broken(error)

    def point(self, name: str) -> None:
        """Die here, if that is the process's fate."""
        self._points += 1
        by_fate = self._crash_at is None and self._fate.random() < self._plan.crash_share / 4
        if self._points == self._crash_at or (by_fate and not self.traffic.is_sound):
            self._say(f"at {name}:")
            raise Crash

    def _refused(self, error: GuardError) -> None:
        """Take the guard's own error for what it must be: the end of a process that cannot write its journal."""
        if self._life not in self._lives_on_a_full_disk:
            self._broken(error)
        else:
            self._die("died_of_full_disk", f"the guard ends the process: {type(error).__name__}")

    def _broken(self, error: Exception) -> None:
        self._judge("nothing_else_is_raised", f"{type(error).__name__}: {error}")
        self._die("broke", "the process ends with an error")

    def _die(self, kind: str, line: str) -> None:
        self._fault(kind, line)
        sever(self._journal)
        if self._node is not None:
            self._node.dispose()
        self._node = None
        if self._journal.exists() and self._rng.random() < 0.3:
            with self._journal.open("ab") as file:
                file.write(b'{"type":"order","ts":164')  # what a death in the midst of a write leaves
            self._fault("torn_line", "a line is left unfinished")

    # -- The wire ----------------------------------------------------------------------------------

    def _on_report(self, report: Report) -> None:
        trade = f" {report.trade.quantity} at {report.trade.price}" if report.trade is not None else ""
        self._say(f"venue: {report.kind} {report.client_order_id}{trade}")
        life = self._life
        self.traffic.carry_report(report, lambda told: self._hear(told, life))

    def _hear(self, report: Report, life: int) -> None:
        node = self._node
        if node is not None and life == self._life:
            self._in_process(lambda: node.client.hear(report))

    def leaves(self, command: Any, asks: tuple[Ask, ...]) -> None:
        """Judge what leaves the process."""
        node = self._node
        if node is None:
            return
        for order in self.evidence.leaving(node, command, asks):
            for check in invariants.ON_LEAVING:
                self._judge(check.__name__, check(order, self._plan.limits), order.client_order_id)

    def answer(self, label: str, act: Callable[[], None], life: int) -> None:
        """Have the process do `act` when the venue has answered, if it still lives."""
        self.traffic.carry(label, lambda: self._in_process(act) if life == self._life else None, ways=2)

    # -- The end -----------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Mend everything, and give both sides time to agree."""
        self._step = self._plan.steps + 1
        self._say("everything is mended")
        self._disk_full_at = None
        self.traffic.is_sound = self.feed.is_sound = True
        if self._node is None:
            self._start()
        for _ in range(SETTLE_ROUNDS):
            self._pass(7.0)
            self._feed()
            self._check()
            if self.traffic.is_empty and self.evidence.settled(self._node).agree:
                return

    def _end(self) -> None:
        sever(self._journal)
        if self._node is not None:
            self._node.dispose()
        self._loop.close()

    # -- Notes -------------------------------------------------------------------------------------

    def _stream(self, name: str) -> Random:
        return Random(f"{name} {self._plan.seed}")  # noqa: S311 - a drill must be repeatable

    def _fault(self, kind: str, line: str) -> None:
        self._faults[kind] += 1
        self._say(line)

    def _say(self, line: str) -> None:
        seconds = (self.traffic.now - self._plan.start) / SECOND if hasattr(self, "traffic") else 0.0
        self._trace.append(f"{self._step:4d} {seconds:10.3f} {line}")

    def _judge(self, invariant: str, problem: str | None, what: str = "") -> None:
        if problem is None:
            return
        detail = f"{what}: {problem}" if what else problem
        self._say(f"VIOLATION {invariant}: {detail}")
        self._violations.setdefault(invariant, Violation(invariant, self._step, detail))


class _Wire:
    """The wire of one process: what it sends goes on after its death, what is for it does not."""

    def __init__(self, drill: Drill, life: int) -> None:
        self._drill = drill
        self._life = life

    def leaves(self, command: Any, asks: tuple[Ask, ...]) -> None:
        self._drill.point("the last door")
        self._drill.leaves(command, asks)

    def send(self, label: str, act: Callable[[], None]) -> None:
        self._drill.traffic.carry(label, act)
        self._drill.point("after sending")

    def submit(self, asks: tuple[Ask, ...]) -> None:
        self._drill.traffic.carry_orders(self._drill.venue, asks)
        self._drill.point("after sending")

    def answer(self, label: str, act: Callable[[], None]) -> None:
        self._drill.answer(label, act, self._life)
