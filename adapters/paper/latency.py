"""Makes a backtest's exchange read its inbox when a command arrives, not when the next bar does.

NautilusTrader 1.231 settles its simulated venues only after a datum or a timer event. With a `LatencyModel`,
a command sent at a bar's close therefore waits for the next bar, and the exchange lets that whole bar pass
before it looks: an order meant to arrive 50 ms later trades five minutes later, at a price that nobody knew.
A timer event at the moment of arrival cures it: the venue settles with the last bar's close still standing.
It needs a second event just behind it. The engine settles the last timer event before a bar only when it has
stopped looking for more, so the answer to a fill (a stop, say) would wait for the bar after all.

A command sent at the last bar arrives only if the run's end lies after it (``engine.run(end=...)``). One sent
while the engine stops never arrives.
"""

from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.common.component import Clock
from nautilus_trader.common.events import TimeEvent

from sagetrade_nautilus.errors import ConfigError

TIMER_PREFIX = "latency"
ECHO_NS = 1


class LatencyClock:
    """Sets timers on the arrival of each command.

    Call `wake` with each command that is handed to the execution engine, be it submit, modify or cancel. All
    kinds have the same latency: Nautilus's queue is sure to keep its order only then.

    Parameters
    ----------
    clock : Clock
        A clock of the engine: the kernel's, or that of any actor or strategy in it.
    latency_ns : int
        Time from sending a command to its arrival, in nanoseconds, >= 0.

    Raises
    ------
    ConfigError
        The latency is negative.
    """

    def __init__(self, clock: Clock, latency_ns: int) -> None:
        if latency_ns < 0:
            raise ConfigError(f"latency_ns must be >= 0, got {latency_ns}")
        self._clock = clock
        self._latency_ns = latency_ns
        self._last_arrival_ns = 0

    def model(self) -> LatencyModel | None:
        """Return the latency model for the venue, ``None`` without latency."""
        return LatencyModel(base_latency_nanos=self._latency_ns) if self._latency_ns else None

    def wake(self) -> None:
        """Have the exchange settle when a command that is sent now arrives."""
        arrival_ns = self._clock.timestamp_ns() + self._latency_ns
        if not self._latency_ns or arrival_ns == self._last_arrival_ns:
            return
        self._last_arrival_ns = arrival_ns
        name = f"{TIMER_PREFIX}-{arrival_ns}"
        self._clock.set_time_alert_ns(name, arrival_ns, _settle)
        self._clock.set_time_alert_ns(f"{name}-echo", arrival_ns + ECHO_NS, _settle)


def _settle(event: TimeEvent) -> None:
    """Do nothing: the engine settles its venues after every timer event."""
