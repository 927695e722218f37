"""How far a run has come, told once a simulated day."""

from collections.abc import Callable

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.config import ActorConfig

from sagetrade_nautilus.nanos import NANOS_PER_DAY


class Progress(Actor):
    """Calls `tell` with the share of the run that is done, in [0, 1], at the end of each simulated day."""

    def __init__(self, start: int, end: int, tell: Callable[[float], None]) -> None:
        super().__init__(ActorConfig(component_id="progress"))
        self._start_ns = start
        self._end_ns = end
        self._tell = tell

    def on_start(self) -> None:
        self.clock.set_timer_ns(
            name="progress",
            interval_ns=NANOS_PER_DAY,
            start_time_ns=self._start_ns,
            stop_time_ns=0,
            callback=self._on_day,
        )

    def _on_day(self, event: TimeEvent) -> None:
        self._tell(min(1.0, (event.ts_event - self._start_ns) / (self._end_ns - self._start_ns)))
