"""Finds what is worth telling: in the events of the bus, and between one look at the node and the next. Pure state."""

from collections.abc import Iterable
from typing import Final

from nautilus_trader.model.events import (
    OrderCancelRejected,
    OrderDenied,
    OrderEvent,
    OrderModifyRejected,
    OrderRejected,
    PositionClosed,
    PositionEvent,
    PositionOpened,
)
from nautilus_trader.model.position import Position

from sagetrade_nautilus.account import result
from sagetrade_nautilus.bot.notices.notice import (
    CanaryEnded,
    Closed,
    Connected,
    ExperimentDone,
    LimitNear,
    Notice,
    Opened,
    OrderFailed,
    Stale,
    Switched,
    Tripped,
    Unowned,
)
from sagetrade_nautilus.experiments.book import BookEntry
from sagetrade_nautilus.experiments.experiment import ExperimentState
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.messages import CanaryEnd, Connection, OrderWatch, TradingState
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.overview import Overview

NEAR: Final = 0.8
FAR: Final = 0.7
PRICE_AGE: Final = "max_price_age_s"
RUNNING: Final = "running"
UNRESOLVED: Final = "unresolved"
RESULTS: Final = frozenset({ExperimentState.RECOMMENDED, ExperimentState.REJECTED, ExperimentState.ROLLED_BACK})
"""What an experiment comes to."""
FAILURES: Final = {
    OrderRejected: "rejected",
    OrderDenied: "denied",
    OrderModifyRejected: "modify_rejected",
    OrderCancelRejected: "cancel_rejected",
}


def of_position(event: PositionEvent, position: Position) -> Notice | None:
    """Return what is told of a position's event: that it was opened or closed."""
    if isinstance(event, PositionOpened):
        return Opened(
            ts=event.ts_event,
            instrument_id=event.instrument_id.value,
            side="long" if event.signed_qty > 0.0 else "short",
            quantity=event.quantity.as_double(),
            price=event.avg_px_open,
            strategy=event.strategy_id.value,
        )
    if isinstance(event, PositionClosed):
        return Closed(
            ts=event.ts_event,
            instrument_id=event.instrument_id.value,
            side="long" if event.entry.name == "BUY" else "short",
            quantity=event.peak_qty.as_double(),
            entry_price=event.avg_px_open,
            exit_price=event.avg_px_close,
            net=result(position),
            currency=event.realized_pnl.currency.code,
            strategy=event.strategy_id.value,
            seconds=event.duration_ns / NANOS_PER_SECOND,
        )
    return None


def of_watch(watch: OrderWatch, instrument_id: str, ts: int) -> Notice | None:
    """Return what is told of an order that the venue does not answer, once all was tried."""
    if watch.deed != UNRESOLVED:
        return None
    return OrderFailed(
        ts=ts, client_order_id=watch.client_order_id, instrument_id=instrument_id, what=UNRESOLVED, reason=""
    )


def of_canary(end: CanaryEnd, ts: int) -> Notice:
    """Return what is told of an experiment's canary that is over."""
    return CanaryEnded(ts=ts, experiment_id=end.experiment, given_up=end.given_up, figures=end.figures)


class Watch:
    """Remembers the last look at the node. At the first one everything that is not as it should be is told."""

    def __init__(self) -> None:
        self._near: dict[str, bool] = {}
        self._trips: dict[str, Trip] = {}
        self._state = RUNNING
        self._stale: frozenset[str] = frozenset()
        self._unowned: frozenset[str] = frozenset()
        self._lost: set[str] = set()
        self._failed: OrderFailed | None = None
        self._experiments: dict[str, str] | None = None

    def order(self, event: OrderEvent, *, is_closed: bool) -> Notice | None:
        """Return what is told of an order's event: that it failed.

        Orders that leave together and fail together for one reason are told of once. That an order which is closed
        could not be cancelled or changed is no failure.
        """
        what = FAILURES.get(type(event))
        if what is None or (is_closed and isinstance(event, OrderCancelRejected | OrderModifyRejected)):
            return None
        failed = OrderFailed(
            ts=event.ts_event,
            client_order_id=event.client_order_id.value,
            instrument_id=event.instrument_id.value,
            what=what,
            reason=event.reason,
        )
        before, self._failed = self._failed, failed
        same = before is not None and _of_one_cause(before, failed)
        return None if same else failed

    def connection(self, change: Connection, ts: int) -> Notice | None:
        """Return what is told of a client's connection: that it is lost, and that one that was lost is back."""
        if change.connected != (change.client in self._lost):
            return None
        (self._lost.discard if change.connected else self._lost.add)(change.client)
        return Connected(ts=ts, client=change.client, connected=change.connected)

    def hear(self, said: TradingState, ts: int) -> list[Notice]:
        """Return what is told at once of a change that the guard publishes; the next look does not tell it again."""
        state, self._state = self._state, said.state
        return [] if state == said.state else [Switched(ts=ts, state=said.state, reason=_why(said.state, said.reason))]

    def experiments(self, entries: Iterable[BookEntry], ts: int) -> list[Notice]:
        """Return the results that experiments have come to since the last call; the first one tells nothing."""
        listed = tuple(entries)
        before, self._experiments = self._experiments, {entry.id: entry.state for entry in listed}
        if before is None:
            return []
        return [
            _result(entry, ts) for entry in listed if entry.state in RESULTS and before.get(entry.id) != entry.state
        ]

    def see(self, now: Overview) -> list[Notice]:
        """Return what has changed since the last look, the gravest first."""
        return [
            *self._switch(now),
            *self._breaker(now),
            *self._positions(now),
            *self._limits(now),
            *self._prices(now),
            *self._clients(now),
        ]

    def _switch(self, now: Overview) -> list[Notice]:
        state, self._state = self._state, now.guard.state
        if state == now.guard.state:
            return []
        return [Switched(ts=now.ts, state=now.guard.state, reason=_why(now.guard.state, now.guard.reason))]

    def _breaker(self, now: Overview) -> list[Notice]:
        before, self._trips = self._trips, {trip.rule: trip for trip in now.guard.trips}
        begun = [_tripped(trip, trip.ts) for rule, trip in self._trips.items() if rule not in before]
        ended = [_tripped(trip, now.ts, released=True) for rule, trip in before.items() if rule not in self._trips]
        return [*begun, *ended]

    def _positions(self, now: Overview) -> list[Notice]:
        before, self._unowned = self._unowned, frozenset(now.guard.reduce_only)
        return [Unowned(ts=now.ts, instrument_id=name, gone=name in before) for name in sorted(before ^ self._unowned)]

    def _limits(self, now: Overview) -> list[Notice]:
        """Tell of each limit that is used to 80% or reached since; it is told again once it was below 70%."""
        told: list[Notice] = []
        for limit in now.guard.limits:
            if limit.value is None or limit.threshold <= 0.0 or limit.limit == PRICE_AGE:
                continue
            used = limit.value / limit.threshold
            reached = used >= 1.0
            before = self._near.get(limit.limit)
            if used >= NEAR and (before is None or (reached and not before)):
                self._near[limit.limit] = reached
                if limit.limit in self._trips:
                    continue  # that is told already
                told.append(
                    LimitNear(
                        ts=now.ts, limit=limit.limit, value=limit.value, threshold=limit.threshold, reached=reached
                    )
                )
            elif used < FAR:
                self._near.pop(limit.limit, None)
        return told

    def _prices(self, now: Overview) -> list[Notice]:
        oldest = next((limit.threshold for limit in now.guard.limits if limit.limit == PRICE_AGE), None)
        if oldest is None:
            return []
        ages = {price.instrument_id: now.price_age_s(price) for price in now.prices}
        never = {price.instrument_id for price in now.prices if price.age_s is None}
        before, self._stale = self._stale, frozenset(name for name, age_s in ages.items() if age_s > oldest)
        return [
            Stale(ts=now.ts, instrument_id=name, age_s=ages[name], fresh=name in before, never=name in never)
            for name in sorted((before ^ self._stale) & set(ages))
        ]

    def _clients(self, now: Overview) -> list[Notice]:
        """Tell of each client that has lost its connection, or has it again; not while the node ends them all."""
        if now.node is None or now.node.stopping:
            return []
        told = (self.connection(Connection(view.client, view.connected), now.ts) for view in now.node.clients)
        return [notice for notice in told if notice is not None]


def _result(entry: BookEntry, ts: int) -> Notice:
    before, after = entry.baseline_sharpe, entry.sharpe
    sharpe = None if before is None or after is None else (before, after)
    return ExperimentDone(ts=ts, experiment_id=entry.id, title=entry.name, state=entry.state, sharpe=sharpe)


def _of_one_cause(one: OrderFailed, other: OrderFailed) -> bool:
    return (one.ts, one.instrument_id, one.what, one.reason) == (
        other.ts,
        other.instrument_id,
        other.what,
        other.reason,
    )


def _why(state: str, reason: str) -> str:
    return "" if state == RUNNING else reason


def _tripped(trip: Trip, ts: int, *, released: bool = False) -> Tripped:
    return Tripped(
        ts=ts,
        rule=trip.rule,
        value=trip.value,
        threshold=trip.threshold,
        state=trip.state.value,
        until_next_day=trip.until_next_day,
        released=released,
    )
