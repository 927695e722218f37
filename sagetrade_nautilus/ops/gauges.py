"""What an overview says as numbers. Pure: an `Overview` in, samples out."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.guard.view import GuardView
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.overview import Overview

STATES: Final = {state.value: float(number) for number, state in enumerate(sorted(State))}


class Sample(NamedTuple):
    """One number of a metric, and the values of its labels in the catalogue's order."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


def samples(seen: Overview) -> Iterator[Sample]:
    """Return all gauges of an overview. What is not known is left out: a missing sample is no 0.

    The age of a price is told all the same, from the node's start: what has never come is late too.
    """
    yield from _account(seen)
    yield from _switches(seen.guard)
    yield from _market(seen)
    if seen.last_text_ns is not None:
        yield Sample("text_age_seconds", (seen.ts - seen.last_text_ns) / NANOS_PER_SECOND)
    yield from _node(seen)


def labels_of(guard: GuardView) -> dict[str, str]:
    """Return what each strategy's Nautilus id is called in the run."""
    return {view.strategy_id: view.label for view in guard.strategies}


def _account(seen: Overview) -> Iterator[Sample]:
    guard, names = seen.guard, labels_of(seen.guard)
    yield Sample("info", 1.0, (guard.run, guard.config_digest[:12], guard.code_version, guard.venue, guard.currency))
    if guard.equity is not None:
        yield Sample("equity", guard.equity)
        if guard.day_start is not None:
            yield Sample("day_pnl", guard.equity - guard.day_start)
        if guard.peak:
            yield Sample("drawdown_ratio", max(0.0, 1.0 - guard.equity / guard.peak))
    yield Sample("loss_budget_left_ratio", guard.budget_left)
    yield Sample("losses_in_a_row", guard.losses_in_a_row)
    for currency, total in sorted(seen.balances.items()):
        yield Sample("balance", total, (currency,))
    yield Sample("open_orders", len(seen.orders))
    yield Sample("reduce_only_instruments", len(guard.reduce_only))
    yield from _positions(seen, names)


def _positions(seen: Overview, names: dict[str, str]) -> Iterator[Sample]:
    count = dict.fromkeys(names.values(), 0)
    exposure: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    unrealized: defaultdict[tuple[str, str], float] = defaultdict(float)
    for held in seen.positions:
        strategy = names.get(held.strategy, held.strategy)
        count[strategy] = count.get(strategy, 0) + 1
        if held.notional is not None:
            exposure[held.instrument_id, strategy, held.side] += held.notional
        if held.unrealized is not None:
            unrealized[held.instrument_id, strategy] += held.unrealized
    yield from (Sample("open_positions", number, (name,)) for name, number in count.items())
    yield from (Sample("exposure", value, labels) for labels, value in exposure.items())
    yield from (Sample("unrealized_pnl", value, labels) for labels, value in unrealized.items())


def _switches(guard: GuardView) -> Iterator[Sample]:
    yield Sample("trading_state", STATES[guard.state])
    yield Sample("breaker_tripped", len(guard.trips))
    for limit in guard.limits:
        if limit.value is not None:
            yield Sample("limit_value", limit.value, (limit.limit,))
        yield Sample("limit_threshold", limit.threshold, (limit.limit,))
    for strategy in guard.strategies:
        yield Sample("strategy_enabled", float(strategy.enabled), (strategy.label,))


def _market(seen: Overview) -> Iterator[Sample]:
    for signal in seen.signals:
        labels = (signal.instrument_id,)
        yield Sample("signal_score", signal.composite.score, labels)
        yield Sample("signal_confidence", signal.composite.confidence, labels)
        yield Sample("signal_age_seconds", (seen.ts - signal.ts) / NANOS_PER_SECOND, labels)
    for last in seen.prices:
        if last.price is not None:
            yield Sample("price", last.price, (last.instrument_id,))
        yield Sample("price_age_seconds", seen.price_age_s(last), (last.instrument_id,))


def _node(seen: Overview) -> Iterator[Sample]:
    yield Sample("started_timestamp_seconds", seen.started_ns / NANOS_PER_SECOND)
    if seen.node is None:
        return
    yield Sample("stopping", float(seen.node.stopping))
    yield from (Sample("client_connected", float(view.connected), (view.client,)) for view in seen.node.clients)
    yield from (Sample("queue_depth", depth, (name,)) for name, depth in seen.node.queues.items())
