"""The machine on which the processes run: it starts them, has them do things, and sees how they die."""

from collections.abc import Callable
from random import Random
from typing import Any

from sagetrade_nautilus.drill import invariants
from sagetrade_nautilus.drill.disk import full_at
from sagetrade_nautilus.drill.node import Node, sever
from sagetrade_nautilus.drill.orders import ExecutionReport, OrderRequest
from sagetrade_nautilus.drill.plan import SYMBOLS
from sagetrade_nautilus.drill.program import Program, ProgramConfig
from sagetrade_nautilus.drill.venue import EXTERNAL
from sagetrade_nautilus.drill.world import World
from sagetrade_nautilus.errors import GuardError

LABELS = ("alpha", "beta")
HEIRS = dict(zip(SYMBOLS, LABELS, strict=True))
"""Which program looks after the positions of a symbol that were there before the process."""
ALL = 100_000
TORN = b'{"type":"order","ts":164'
"""What a death in the midst of a write leaves."""


class Crash(BaseException):
    """The process dies here."""


class Host:
    """Runs one process at a time.

    Parameters
    ----------
    world : World
        What the processes live in.
    crash_at : int, optional
        The number of the point, from 1, at which a process dies, counted over all steps. Without it chance decides,
        as often as the plan says.
    """

    def __init__(self, world: World, crash_at: int | None = None) -> None:
        self._world = world
        self._log = world.log
        self._crash_at = crash_at
        self._fate = world.stream("fate")
        self._on_full_disk: set[int] = set()
        self.points = 0
        self.life = 0
        self.node: Node | None = None
        world.venue.tell = self._on_report

    def start(self) -> None:
        """Start a process with nothing but the files and what the venue says."""
        world, plan = self._world, self._world.plan
        if self.life:
            world.venue.forget_owners(
                {symbol: EXTERNAL if plan.hedging else _owner(label) for symbol, label in HEIRS.items()}
            )
        self.life += 1
        world.feed.forget()
        world.evidence.begin_life(world.clock)
        self.mark_full_disk()
        try:
            with full_at(world.disk_full_at):
                self.node = self._node()
                self.node.start()
            self._log.say(f"process {self.life} runs")
        except GuardError as error:
            self._refused(error)
        except Exception as error:  # noqa: BLE001 - the drill's edge: whatever a node raises is its finding
            self._broken(error)

    def act(self, do: Callable[[Node], object]) -> None:
        """Have the process do something, and what follows from it. Whatever it raises is its end."""
        node = self.node
        if node is None:
            return
        try:
            with full_at(self._world.disk_full_at):
                self._point("a step")
                do(node)
                lags = self._fate.random() < self._world.plan.lag_share
                node.engine.pump(self._fate.randint(0, 3) if lags else ALL)
        except Crash:
            self._die("crash", "the process dies")
        except GuardError as error:
            self._refused(error)
        except Exception as error:  # noqa: BLE001 - the drill's edge: whatever a node raises is its finding
            self._broken(error)

    def mark_full_disk(self) -> None:
        """Remember that this process may fail to write: part of Nautilus swallows the error, and the next one tells."""
        if self._world.disk_full_at is not None:
            self._on_full_disk.add(self.life)

    def end(self) -> None:
        """Let the last process go."""
        sever(self._world.journal)
        if self.node is not None:
            self.node.dispose()
        self.node = None

    # The wire of one life

    def leaves(self, command: Any, requests: tuple[OrderRequest, ...]) -> None:
        self._point("the last door")
        if self.node is None:
            return
        for order in self._world.evidence.leaving(self.node, command, requests):
            for check in invariants.ON_LEAVING:
                self._log.judge(check.__name__, check(order, self._world.plan.limits), order.client_order_id)

    def send(self, label: str, act: Callable[[], None]) -> None:
        self._world.traffic.carry(label, act)
        self._point("having sent")

    def submit(self, requests: tuple[OrderRequest, ...]) -> None:
        self._world.traffic.carry_orders(self._world.venue, requests)
        self._point("having sent")

    def answer(self, label: str, act: Callable[[], None]) -> None:
        life = self.life
        self._world.traffic.carry(label, lambda: self.act(lambda _: act()) if life == self.life else None, ways=2)

    def _on_report(self, report: ExecutionReport) -> None:
        self._world.note(report)
        life = self.life
        self._world.traffic.carry_report(report, lambda told: self._hear(told, life))

    def _hear(self, report: ExecutionReport, life: int) -> None:
        if life == self.life:
            self.act(lambda node: node.client.hear(report))

    # Life and death

    def _node(self) -> Node:
        world = self._world
        rng = world.stream(f"programs {self.life}")
        return Node(
            programs=[self._program(number, label, rng) for number, label in enumerate(LABELS, 1)],
            limits=world.plan.limits,
            journal=world.journal,
            latch=world.latch,
            venue=world.venue,
            wire=self,
            on_passed=world.evidence.passed,
            now=world.clock,
        )

    def _program(self, number: int, label: str, rng: Random) -> Program:
        plan = self._world.plan
        inherits = tuple(symbol for symbol, heir in HEIRS.items() if heir == label)
        config = ProgramConfig(
            strategy_id=label,
            order_id_tag=f"{number:03d}",
            oms_type="HEDGING" if plan.hedging else "NETTING",
            external_order_claims=None if plan.hedging else list(inherits),
            symbols=SYMBOLS,
            inherits=inherits,
            log_events=False,
            log_commands=False,
        )
        return Program(config, rng, plan.manners)

    def _point(self, name: str) -> None:
        """Die here, if that is the process's fate."""
        self.points += 1
        by_chance = self._crash_at is None and self._fate.random() < self._world.plan.crash_share / 4
        if self.points == self._crash_at or (by_chance and not self._world.traffic.is_sound):
            self._log.say(f"death at {name}")
            raise Crash

    def _refused(self, error: GuardError) -> None:
        """Take the guard's own error for what it must be: the end of a process that cannot write its journal."""
        if self.life not in self._on_full_disk:
            self._broken(error)
        else:
            self._die("full_disk_death", f"the guard ends the process: {type(error).__name__}")

    def _broken(self, error: Exception) -> None:
        late = isinstance(error, KeyError) and "already contained in '_positions'" in str(error.args)
        name = invariants.nautilus_keeps_late_fills.__name__ if late else invariants.NOTHING_ELSE
        self._log.judge(name, f"{type(error).__name__}: {error}")
        self._die("breakdown", "the process ends with an error")

    def _die(self, kind: str, line: str) -> None:
        self._log.fault(kind, line)
        self.end()
        if self._world.journal.exists() and self._fate.random() < 0.3:
            with self._world.journal.open("ab") as file:
                file.write(TORN)
            self._log.fault("torn_line", "a line is left unfinished")


def _owner(label: str) -> str:
    return f"{label}-{LABELS.index(label) + 1:03d}"
