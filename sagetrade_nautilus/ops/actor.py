"""OpsActor: hears a node's bus, counts, and answers questions about the node. It changes nothing."""

import asyncio
from functools import partial
from typing import Final

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import resolve_path
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.events import OrderEvent, PositionClosed, PositionEvent
from nautilus_trader.model.objects import Money

from sagetrade_nautilus.account import result
from sagetrade_nautilus.background import Background
from sagetrade_nautilus.config import OpsConfig
from sagetrade_nautilus.data import TextSignal
from sagetrade_nautilus.messages import DECISIONS_TOPIC, ORDER_WATCH_TOPIC, DecisionRecord, OrderWatch
from sagetrade_nautilus.observer import TEXT_SIGNALS_TOPIC, Observer
from sagetrade_nautilus.ops import events, health
from sagetrade_nautilus.ops.gauges import labels_of
from sagetrade_nautilus.ops.health import Check
from sagetrade_nautilus.ops.metrics import Metrics
from sagetrade_nautilus.ops.server import OpsServer
from sagetrade_nautilus.overview import Overview

PROBE_S: Final = 0.1


class OpsActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of an `OpsActor`.

    Parameters
    ----------
    ops : OpsConfig
        Where it listens. Without `enabled` it only counts.
    experiments : str, optional
        The importable path of a callable that returns how many experiments are 'active' and 'regressed'.
    experiments_folders : tuple[str, ...]
        What it is called with: where the experiments are kept, and the node's own folder.
    reads_text : bool
        Whether the node waits for texts: then it tells how long it has waited.
    """

    ops: OpsConfig = OpsConfig()
    experiments: str | None = None
    experiments_folders: tuple[str, ...] = ()
    reads_text: bool = False


class OpsActor(Actor):
    """Counts from the node's start, and serves what it knows on the node's event loop.

    Raises
    ------
    ConfigError
        The address cannot be had: that is known before a node exists.
    """

    def __init__(self, config: OpsActorConfig) -> None:
        super().__init__(config)
        ops = config.ops
        self._server = OpsServer(self, ops.host, ops.port) if ops.enabled else None
        self._background = Background(lambda error: self.log.error(f"the ops server failed: {error!r}"))
        self._connected: dict[str, bool] = {}
        self._lag_s = 0.0

    @property
    def port(self) -> int:
        """Where the server listens; 0 where there is none."""
        return 0 if self._server is None else self._server.port

    def on_start(self) -> None:
        self._observer = Observer(self.msgbus, self.cache, self.clock)
        guard = self._observer.guard()
        path = self.config.experiments
        self._metrics = Metrics(
            self._counted,
            tuple(limit.limit for limit in guard.limits),
            labels_of(guard),
            dict if path is None else partial(resolve_path(path), *self.config.experiments_folders),
        )
        self.msgbus.subscribe(topic="events.order.*", handler=self._on_order)
        self.msgbus.subscribe(topic="events.position.*", handler=self._on_position)
        self.msgbus.subscribe(topic=DECISIONS_TOPIC, handler=self._on_decision)
        self.msgbus.subscribe(topic=ORDER_WATCH_TOPIC, handler=self._on_watch)
        self.msgbus.subscribe(topic=TEXT_SIGNALS_TOPIC, handler=self._on_text)
        if self._server is not None:
            self._background.begin(self._server.start())
            self._background.begin(self._probe())

    def on_stop(self) -> None:
        self._background.cancel()
        if self._server is not None:
            self._background.begin(self._server.stop())

    def on_dispose(self) -> None:
        if self._server is not None:
            self._server.close()

    # What the server asks

    def render(self) -> bytes:
        """Return the metrics in Prometheus's text format."""
        return self._metrics.render()

    def overview(self) -> Overview:
        """Return the node as it is now."""
        return self._observer.look()

    def _counted(self) -> Overview:
        """Return the node as its metrics tell of it: where a text is waited for, the first one since the start."""
        seen = self.overview()
        if not self.config.reads_text or seen.last_text_ns is not None:
            return seen
        return msgspec.structs.replace(seen, last_text_ns=seen.started_ns)

    def checks(self, kind: str) -> tuple[Check, ...]:
        """Return the checks of 'live', 'ready' or 'startup'."""
        top_s = self.config.ops.max_loop_lag_ms / 1_000
        if kind == "live":
            return health.live(self._lag_s, top_s)
        seen = self.overview()
        return health.startup(seen) if kind == "startup" else health.ready(seen, self._lag_s, top_s)

    # What it hears

    def _on_order(self, event: OrderEvent) -> None:
        order = self.cache.order(event.client_order_id)
        self._metrics.order(event, order)
        events.ordered(event, order)

    def _on_position(self, event: PositionEvent) -> None:
        if isinstance(event, PositionClosed):
            pnl = result(self.cache.position(event.position_id))
            self._metrics.closed(event, pnl)
            told = Money(pnl, event.realized_pnl.currency)
            events.closed(event, told, self.cache.order(event.opening_order_id))

    def _on_decision(self, record: DecisionRecord) -> None:
        if isinstance(record, DecisionRecord):
            self._metrics.decided(record)
            events.decided(record)

    def _on_watch(self, watch: OrderWatch) -> None:
        if isinstance(watch, OrderWatch):
            self._metrics.watched(watch)

    def _on_text(self, signal: TextSignal) -> None:
        self._metrics.text(signal)

    async def _probe(self) -> None:
        """Measure again and again how late the loop is, and see who has been connected again."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + PROBE_S
            await asyncio.sleep(PROBE_S)
            self._lag_s = max(0.0, loop.time() - due)
            self._metrics.lagged(self._lag_s)
            self._see_connections()

    def _see_connections(self) -> None:
        node = self._observer.node()
        for view in () if node is None else node.clients:
            before = self._connected.get(view.client)
            if view.connected and not before:
                self._metrics.connected(view.client, again=before is False)
            self._connected[view.client] = view.connected
