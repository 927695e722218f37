"""One seed: a world in which everything fails, the real guard in it, and what must hold all the same."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from sagetrade_nautilus.drill import invariants
from sagetrade_nautilus.drill.host import Host
from sagetrade_nautilus.drill.log import Violation
from sagetrade_nautilus.drill.plan import SYMBOLS, Plan
from sagetrade_nautilus.drill.program import Program
from sagetrade_nautilus.drill.world import World
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

PAUSES_S = (0.05, 0.3, 1.0, 1.0, 5.0, 15.0)
STARTS_S = (2.0, 5.0, 30.0)
CLOCK_JUMPS_S = (-60.0, -2.0, -0.5, 0.5, 2.0, 60.0)
SETTLE_ROUNDS = 40
SETTLE_PAUSE_S = 7.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a seed showed.

    Parameters
    ----------
    seed, steps : int
        Which, and how long.
    points : int
        At how many points a process could have died.
    orders, denials, crashes : int
        Orders that reached the venue, orders and changes that the gate held back, and processes that died.
    faults : Counter[str]
        How many of each kind.
    violations : tuple[Violation, ...]
        What did not hold: the first of each kind.
    trace : tuple[str, ...]
        Every step in words.
    """

    seed: int
    steps: int
    points: int
    orders: int
    denials: int
    crashes: int
    faults: Counter[str]
    violations: tuple[Violation, ...]
    trace: tuple[str, ...]

    @property
    def failures(self) -> tuple[Violation, ...]:
        """The violations that are not known already."""
        return tuple(found for found in self.violations if found.invariant not in invariants.KNOWN)


class Drill:
    """A world with one seed.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    folder : Path
        An empty folder for the guard's files, on a local disk.
    crash_at : int, optional
        The number of the point at which a process dies, as `Host` has it.
    """

    def __init__(self, plan: Plan, folder: Path, crash_at: int | None = None) -> None:
        self._plan = plan
        self._world = World(plan, folder)
        self._host = Host(self._world, crash_at)
        self._rng = self._world.stream("steps")
        self._log = self._world.log
        self._loop = asyncio.new_event_loop()

    def run(self) -> Outcome:
        """Play the seed to its end."""
        world = self._world
        try:
            self._start()
            for step in range(1, self._plan.steps + 1):
                self._log.step = step
                self._play()
            self._settle()
            settled = world.evidence.settled(self._host.node)
            for check in invariants.SETTLED:
                self._log.judge(check.__name__, check(settled))
        finally:
            self._host.end()
            self._loop.close()
        return Outcome(
            seed=self._plan.seed,
            steps=self._plan.steps,
            points=self._host.points,
            orders=len(world.venue.arrivals),
            denials=world.lines.denials,
            crashes=self._host.life - 1,
            faults=self._log.faults,
            violations=self._log.violations,
            trace=tuple(self._log.trace),
        )

    def _play(self) -> None:
        """Let time pass, messages arrive and prices move, and then do one thing."""
        self._pass(self._rng.choice(PAUSES_S))
        for symbol in SYMBOLS:
            self._world.feed.step(symbol)
            self._world.venue.trade_at(symbol, self._world.feed.price(symbol))
        self._recover()
        self._feed()
        things: dict[Callable[[], None], int] = {
            self._trade: 60,
            self._check: 8,
            self._stop: 3,
            self._cancel_at_the_venue: 3,
            self._move_the_clock: 2,
            self._world.switch.harm: 1,
            self._fill_the_disk: 1,
        }
        self._rng.choices(list(things), list(things.values()))[0]()

    # What happens

    def _trade(self) -> None:
        """Have a program act once or twice in the same moment."""
        for _ in range(self._rng.choice((1, 1, 2))):
            if self._host.node is not None:
                program = self._rng.choice(self._host.node.programs)
                self._have_act(program)

    def _have_act(self, program: Program) -> None:
        self._host.act(lambda _: self._log.say(f"{program.id}: {program.act()}"))

    def _check(self) -> None:
        """Have the engine compare its orders and positions with the venue's, as it does now and then."""
        self._host.act(lambda node: node.engine.check(self._loop, positions=self._world.traffic.is_empty))

    def _stop(self) -> None:
        self._world.switch.engage(self._world.traffic.now)

    def _move_the_clock(self) -> None:
        jump = self._rng.choice(CLOCK_JUMPS_S)
        self._world.clock_offset += int(jump * NANOS_PER_SECOND)
        self._log.fault("clock_jump", f"the clock jumps by {jump:+g} s")

    def _fill_the_disk(self) -> None:
        journal = self._world.journal
        size = journal.stat().st_size if journal.exists() else 0
        self._world.disk_full_at = size + self._rng.randint(0, 1500)
        self._host.mark_full_disk()
        self._log.fault("disk_full", "the disk fills up")

    def _cancel_at_the_venue(self) -> None:
        working = self._world.venue.working()
        if working:
            name = self._rng.choice(working).request.client_order_id
            self._log.fault("venue_cancel", f"the venue cancels {name}")
            self._world.venue.cancel(name)

    def _recover(self) -> None:
        """Sometimes have people free the disk, start the process again, and let a stopped one go on."""
        if self._world.disk_full_at is not None and self._rng.random() < 0.2:
            self._world.disk_full_at = None
            self._log.say("the disk has room again")
        if self._host.node is None and self._rng.random() < 0.3:
            self._start()
        if self._world.switch.state > State.RUNNING and self._rng.random() < 0.15:
            self._world.switch.release(self._world.traffic.now)

    # Time

    def _start(self) -> None:
        """Start a process. What the one before it had sent has arrived by then."""
        self._pass(2 * self._plan.latency_s_max + self._rng.choice(STARTS_S))
        self._host.start()

    def _feed(self) -> None:
        """Tell the process the prices."""
        for symbol in SYMBOLS:
            if self._host.node is not None:
                for tick in self._world.feed.ticks(symbol, self._world.traffic.now, self._host.node.now()):
                    self._tell(tick)

    def _tell(self, tick: Any) -> None:
        self._host.act(lambda node: node.data.process(tick))

    def _pass(self, seconds: float) -> None:
        """Let what is due arrive, until `seconds` have gone by."""
        traffic = self._world.traffic
        end = traffic.now + int(seconds * NANOS_PER_SECOND)
        while (arrive := traffic.next(end)) is not None:
            self._tell_time()
            arrive()
        traffic.now = end
        self._tell_time()

    def _tell_time(self) -> None:
        self._world.venue.now = self._world.traffic.now
        clock = self._world.clock
        self._world.evidence.tell_time(clock)
        self._host.act(lambda node: node.tell_time(clock))

    def _settle(self) -> None:
        """Mend everything, and give both sides time to agree."""
        self._log.step = self._plan.steps + 1
        self._log.say("everything is mended")
        self._world.disk_full_at = None
        self._world.traffic.is_sound = self._world.feed.is_sound = True
        for _ in range(SETTLE_ROUNDS):
            if self._host.node is None:
                self._start()
            self._pass(SETTLE_PAUSE_S)
            self._feed()
            self._check()
            if self._host.node is None or not self._world.traffic.is_empty:
                continue
            if self._world.evidence.settled(self._host.node).agree:
                return
