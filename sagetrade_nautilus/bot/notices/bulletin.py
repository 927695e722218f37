"""Listens on a node's bus for what people are told of, and for what the advisor remembers. It changes nothing."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import MessageBus
from nautilus_trader.model.data import DataType
from nautilus_trader.model.events import OrderEvent, PositionEvent
from nautilus_trader.model.identifiers import ClientOrderId

from sagetrade_nautilus.bot.advisor.recall import Headline, Recall
from sagetrade_nautilus.bot.notices import watch
from sagetrade_nautilus.bot.notices.board import NoticeBoard
from sagetrade_nautilus.bot.notices.notice import Notice
from sagetrade_nautilus.bot.pictures.track import EquityTrack
from sagetrade_nautilus.data import TextItem, bus_topic
from sagetrade_nautilus.experiments.book import BookEntry
from sagetrade_nautilus.guard.journal.scribe import order_record
from sagetrade_nautilus.messages import (
    CANARY_TOPIC,
    CONNECTIONS_TOPIC,
    DECISIONS_TOPIC,
    ORDER_WATCH_TOPIC,
    TRADING_STATE_TOPIC,
    CanaryEnd,
    Connection,
    DecisionRecord,
    OrderWatch,
    TradingState,
)
from sagetrade_nautilus.overview import Overview

TICK_S: Final = 1.0
EXPERIMENTS_S: Final = 60.0
LOOK_EVERY: Final = 5
"""Ticks between two looks at the node."""


class Bulletin:
    """Brings what happens in a node to the notice board.

    Nothing that it does waits, and nothing that fails in it reaches whoever published an event: the log tells it.

    Parameters
    ----------
    look : callable
        Returns the node as it is now: `Observer.look`.
    board : NoticeBoard
        Where notices go.
    recall : Recall
        Hears decisions, orders and texts.
    track : EquityTrack
        Sees what the account is worth.
    tell : callable
        Is told in one line what went wrong.
    experiments : callable
        Returns all experiments; it reads files, so it is called on a thread, and looked at once a minute.
    now_ns : callable
        The time on people's walls, in UNIX nanoseconds: notices are folded and held back by it, also in a replay.
    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: CacheFacade,
        look: Callable[[], Overview],
        board: NoticeBoard,
        recall: Recall,
        track: EquityTrack,
        tell: Callable[[str], None],
        experiments: Callable[[], tuple[BookEntry, ...]],
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._look = look
        self._board = board
        self._recall = recall
        self._track = track
        self._report = tell
        self._now_ns = now_ns
        self._watch = watch.Watch()
        self._experiments = experiments
        self._looks_in = 0
        self._reading: asyncio.Future[tuple[BookEntry, ...]] | None = None
        self._read_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Subscribe; and, on an event loop, look and send what is due every second from now on."""
        handlers: dict[str, Callable[[Any], None]] = {
            "events.position.*": self._on_position,
            "events.order.*": self._on_order,
            ORDER_WATCH_TOPIC: self._on_order_watch,
            TRADING_STATE_TOPIC: self._on_trading_state,
            CONNECTIONS_TOPIC: self._on_connection,
            CANARY_TOPIC: self._on_canary,
            DECISIONS_TOPIC: self._on_decision,
            bus_topic(DataType(TextItem)): self._on_text,
        }
        for topic, handler in handlers.items():
            self._msgbus.subscribe(topic=topic, handler=self._guarded(handler))
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._arm()

    def stop(self) -> None:
        """Tick no more, and send what waits."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = None
        self._guarded(lambda _: self._board.close(self._now_ns()))(None)

    def tick(self) -> None:
        """Send what is due; look at the node at every fifth tick, and at the next one after its state has changed."""
        self._guarded(lambda _: self._tick())(None)
        self._arm()

    def _tick(self) -> None:
        if self._looks_in <= 0:
            self._looks_in = LOOK_EVERY
            now = self._look()
            self._track.see(now.ts, now.guard.equity)
            self._hang(self._watch.see(now))
        self._looks_in -= 1
        self._look_at_experiments()
        self._board.tick(self._now_ns())

    def _look_at_experiments(self) -> None:
        """Read the experiments beside the loop once in a while, and tell of them at the tick after they were read."""
        if self._reading is not None and self._reading.done():
            read, self._reading = self._reading, None
            self._hang(self._watch.experiments(read.result(), self._now_ns()))
        elif self._reading is None and self._loop is not None and self._loop.time() >= self._read_at:
            self._read_at = self._loop.time() + EXPERIMENTS_S
            self._reading = self._loop.run_in_executor(None, self._experiments)

    def _arm(self) -> None:
        if self._loop is not None:
            self._timer = self._loop.call_later(TICK_S, self.tick)

    def _guarded(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def call(message: Any) -> None:
            try:
                handler(message)
            except Exception as error:  # noqa: BLE001 - the bulletin's edge: what people are told must not stop trading
                self._report(f"a notice could not be made: {type(error).__name__}: {error}")

        return call

    def _on_position(self, event: PositionEvent) -> None:
        self._hang([watch.of_position(event, self._cache.position(event.position_id))])

    def _on_order(self, event: OrderEvent) -> None:
        order = self._cache.order(event.client_order_id)
        self._recall.hear(order_record(event, order))
        self._hang([self._watch.order(event, is_closed=order is not None and order.is_closed)])

    def _on_order_watch(self, message: Any) -> None:
        if isinstance(message, OrderWatch):
            order = self._cache.order(ClientOrderId(message.client_order_id))
            name = "" if order is None else order.instrument_id.value
            self._hang([watch.of_watch(message, name, self._now_ns())])

    def _on_trading_state(self, message: TradingState) -> None:
        """Tell it at once, and look soon; not now, since the guard is amid its answer."""
        self._looks_in = 0
        self._hang(self._watch.hear(message, self._now_ns()))

    def _on_connection(self, message: Connection) -> None:
        self._hang([self._watch.connection(message, self._now_ns())])

    def _on_canary(self, message: CanaryEnd) -> None:
        self._hang([watch.of_canary(message, self._now_ns())])

    def _on_decision(self, record: DecisionRecord) -> None:
        self._recall.hear(record)

    def _on_text(self, item: TextItem) -> None:
        about = item.entities.split()
        self._recall.hear_news(Headline.of(item.item_id, item.title, item.source, item.ts_event, about))

    def _hang(self, notices: Iterable[Notice | None]) -> None:
        self._board.hang([notice for notice in notices if notice is not None], self._now_ns())
