"""The wire between a process and the venue: it delays, loses, doubles and so reorders what it carries."""

import heapq
from collections.abc import Callable
from random import Random

from sagetrade_nautilus.drill.orders import ExecutionReport, OrderRequest
from sagetrade_nautilus.drill.plan import Plan
from sagetrade_nautilus.drill.venue import Venue
from sagetrade_nautilus.nanos import NANOS_PER_SECOND


class Traffic:
    """Messages on their way, each with the moment of its arrival.

    Parameters
    ----------
    plan : Plan
        How slow and how faulty.
    rng : Random
        What decides over each message.
    note : callable
        Told of each fault: its kind and a line for the trace.
    """

    def __init__(self, plan: Plan, rng: Random, note: Callable[[str, str], None]) -> None:
        self._plan = plan
        self._rng = rng
        self._note = note
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self.now = plan.start
        self.is_sound = False
        """Whether nothing is lost, doubled or rejected any more."""
        self.travelling: dict[str, OrderRequest] = {}

    def next(self, until: int) -> Callable[[], None] | None:
        """Return what arrives next, no later than `until`, and go to that moment."""
        if not self._due or self._due[0][0] > until:
            return None
        ts, _, act = heapq.heappop(self._due)
        self.now = max(self.now, ts)
        return act

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on its way."""
        return not self._due

    def carry(self, label: str, act: Callable[[], None], *, ways: int = 1) -> bool:
        """Have `act` happen after `ways` ways, unless it is lost; return whether it will."""
        for _ in range(ways):
            if not self.is_sound and self._rng.random() < self._plan.lost_share:
                self._note("lost", f"lost on the wire: {label}")
                return False
        delay = sum(self._rng.uniform(0.001, self._plan.latency_s_max) for _ in range(ways))
        self._count += 1
        heapq.heappush(self._due, (self.now + int(delay * NANOS_PER_SECOND), self._count, act))
        return True

    def carry_orders(self, venue: Venue, requests: tuple[OrderRequest, ...]) -> None:
        """Bring orders to the venue, which takes or rejects them."""
        rejected = not self.is_sound and self._rng.random() < self._plan.reject_share

        def arrive() -> None:
            for request in requests:
                self.travelling.pop(request.client_order_id, None)
            if rejected:
                self._note("rejected", f"the venue rejects {requests[0].client_order_id}")
                venue.reject(requests)
            else:
                venue.submit(requests)

        if self.carry(f"order {requests[0].client_order_id}", arrive):
            self.travelling.update({request.client_order_id: request for request in requests})

    def carry_report(self, report: ExecutionReport, hear: Callable[[ExecutionReport], None]) -> None:
        """Bring a report from the venue, sometimes twice."""
        label = f"{report.kind} {report.client_order_id}"
        self.carry(label, lambda: hear(report))
        if not self.is_sound and self._rng.random() < self._plan.doubled_share:
            self._note("doubled", f"told twice: {label}")
            self.carry(label, lambda: hear(report))
