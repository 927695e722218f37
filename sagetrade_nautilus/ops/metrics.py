"""The metrics of one node: gauges from one look at it, counters and histograms from what its bus tells."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from nautilus_trader.model.events import (
    OrderAccepted,
    OrderDenied,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
    PositionClosed,
)
from nautilus_trader.model.orders import Order
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sagetrade_nautilus.data import TextSignal
from sagetrade_nautilus.guard.journal.scribe import EVENTS
from sagetrade_nautilus.messages import DecisionRecord, OrderWatch, Verdict
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.ops.catalogue import BY_NAME, METRICS, PREFIX
from sagetrade_nautilus.ops.gauges import Sample, samples
from sagetrade_nautilus.overview import Overview

OTHER: Final = "other"
"""The label of a denial that no limit of the guard's made, such as one of Nautilus's own risk engine."""
SWITCHES: Final = ("kill_switch", "circuit_breaker", "resend")
OUTCOMES: Final = ("flat", "win", "loss")
"""By the sign of what a trade has won: 0, 1, -1."""
DEEDS: Final = ("queried", "resent", "canceled", "unresolved", "taken_up", "found", OTHER)
EXPERIMENT_STATES: Final = ("active", "regressed")

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Counts what happens, and tells all there is to tell when it is asked.

    Parameters
    ----------
    look : callable
        Returns the node as it is now; called once for each scrape.
    limits : iterable of str
        The names of the limits: a denial by anything else is counted as 'other'.
    experiments : callable
        Returns how many experiments there are by state, of `EXPERIMENT_STATES`.
    """

    def __init__(
        self,
        look: Callable[[], Overview],
        limits: tuple[str, ...] = (),
        strategies: Mapping[str, str] | None = None,
        experiments: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._registry = CollectorRegistry()
        self._limits = frozenset((*limits, *SWITCHES))
        self._strategies = strategies or {}
        self._registry.register(_Looked(look, experiments))
        ProcessCollector(namespace=PREFIX.rstrip("_"), registry=self._registry)
        events = self._counter("order_events")
        self._events = {kind: events.labels(name) for kind, name in EVENTS.items()}
        self._denials = self._counter("denials")
        self._decisions = self._counter("decisions")
        self._trades = self._counter("trades")
        self._reconciled = self._counter("reconciled_events")
        self._silent = self._counter("silent_orders")
        self._texts = self._counter("texts")
        self._reconnects = self._counter("reconnects")
        self._realized = Gauge(*_head("realized_pnl"), registry=self._registry)
        latency = self._histogram("order_latency_seconds")
        self._submit, self._answer, self._fill = (latency.labels(stage) for stage in ("submit", "answer", "fill"))
        self._lag = self._histogram("loop_lag_seconds")
        self._text_lag = self._histogram("text_lag_seconds")
        self._begin_at_0()

    def _begin_at_0(self) -> None:
        """Tell of every label from the start: a counter that first shows itself at 1 has, to Prometheus, not risen."""
        for limit in (*sorted(self._limits), OTHER):
            self._denials.labels(limit)
        for deed in DEEDS:
            self._silent.labels(deed)
        for strategy in self._strategies.values():
            for outcome in OUTCOMES:
                self._trades.labels(strategy, outcome)
            for verdict in Verdict:
                self._decisions.labels(strategy, verdict.value)

    def render(self) -> bytes:
        """Return everything in Prometheus's text format. What cannot be looked at raises: a scrape must fail then."""
        return generate_latest(self._registry)

    def order(self, event: OrderEvent, order: Order | None) -> None:
        """Count one event of an order's life, which has been applied to `order`, and time it."""
        self._events[type(event)].inc()
        if event.reconciliation:
            self._reconciled.inc()
        elif order is not None:
            self._time(event, order)
        if isinstance(event, OrderDenied):
            limit = event.reason.partition(":")[0]
            self._denials.labels(limit if limit in self._limits else OTHER).inc()

    def _time(self, event: OrderEvent, order: Order) -> None:
        if isinstance(event, OrderSubmitted):
            self._submit.observe((event.ts_event - order.ts_init) / NANOS_PER_SECOND)
        elif isinstance(event, OrderAccepted | OrderRejected):
            self._answer.observe((event.ts_init - order.ts_submitted) / NANOS_PER_SECOND)
        elif isinstance(event, OrderFilled) and order.filled_qty == event.last_qty:
            self._fill.observe((event.ts_init - order.ts_submitted) / NANOS_PER_SECOND)

    def decided(self, record: DecisionRecord) -> None:
        """Count a strategy's decision."""
        self._decisions.labels(record.strategy, record.verdict.value).inc()

    def closed(self, event: PositionClosed, pnl: float) -> None:
        """Count a closed trade, and what it won or lost."""
        name = event.strategy_id.value
        strategy = self._strategies.get(name, name)
        self._trades.labels(strategy, OUTCOMES[(pnl > 0.0) - (pnl < 0.0)]).inc()
        self._realized.labels(strategy).inc(pnl)

    def watched(self, watch: OrderWatch) -> None:
        """Count what was done about an order that the venue did not answer."""
        self._silent.labels(watch.deed if watch.deed in DEEDS else OTHER).inc()

    def text(self, signal: TextSignal) -> None:
        """Count a scored text, and how late it came."""
        self._texts.inc()
        self._text_lag.observe((signal.ts_init - signal.ts_event) / NANOS_PER_SECOND)

    def connected(self, client: str, *, again: bool) -> None:
        """Note that a client is connected, for the first time or again."""
        self._reconnects.labels(client).inc(int(again))

    def lagged(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._lag.observe(seconds)

    def _counter(self, name: str) -> Counter:
        return Counter(*_head(name), registry=self._registry)

    def _histogram(self, name: str) -> Histogram:
        return Histogram(*_head(name), buckets=BY_NAME[name].bounds, registry=self._registry)


def _head(name: str) -> tuple[str, str, tuple[str, ...]]:
    metric = BY_NAME[name]
    return f"{PREFIX}{metric.name}", metric.says, metric.labels


class _Looked(Collector):
    """The gauges, from one look at each scrape."""

    def __init__(self, look: Callable[[], Overview], experiments: Callable[[], Mapping[str, int]]) -> None:
        self._look = look
        self._experiments = experiments

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())  # else registering would look, before there is anything to see

    def collect(self) -> Iterator[GaugeMetricFamily]:
        seen = self._look()
        by_name: dict[str, GaugeMetricFamily] = {
            metric.name: GaugeMetricFamily(f"{PREFIX}{metric.name}", metric.says, labels=metric.labels)
            for metric in METRICS
            if metric.kind == "gauge" and metric.name != "realized_pnl"
        }
        for sample in (*samples(seen), *self._beside(seen)):
            by_name[sample.name].add_metric(sample.labels, sample.value)
        yield from by_name.values()

    def _beside(self, seen: Overview) -> Iterator[Sample]:
        folder = Path(seen.guard.journal).parent
        yield Sample("disk_free_bytes", shutil.disk_usage(folder).free)
        count = self._experiments()
        for state in EXPERIMENT_STATES:
            yield Sample("experiments", count.get(state, 0), (state,))
