"""What the guard tells those who look: what may trade, why, and how far every limit is."""

from collections.abc import Iterable

import msgspec
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.breaker.circuit import Circuit
from sagetrade_nautilus.guard.gate.account import Switch
from sagetrade_nautilus.guard.guard_config import GuardConfig
from sagetrade_nautilus.guard.standing import Standing, known
from sagetrade_nautilus.guard.switch.state import State


class LimitView(msgspec.Struct, frozen=True):
    """A limit's name, the value that it is held against (``None`` while unknown), and its threshold."""

    limit: str
    value: float | None
    threshold: float


class StrategyView(msgspec.Struct, frozen=True):
    """A strategy: what it is called in the configuration and by Nautilus, and whether it may enter."""

    label: str
    strategy_id: str
    enabled: bool


class GuardView(msgspec.Struct, frozen=True, kw_only=True):
    """The guard at one moment.

    Parameters
    ----------
    run, config_digest, code_version : str
        What runs.
    venue, currency : str
        The account that is guarded, and what it is counted in.
    latch, journal : str
        The files of the kill switch ('' in a backtest) and the journal.
    state : str
        What may trade: 'running', 'no_entries', 'reduce_only' or 'halted'.
    reason : str
        Which switch says so and why; '' while running.
    flatten : bool
        Whether positions are being closed.
    equity, day_start, peak : float, optional
        What the account is worth, was at the start of the UTC day, and at most ever; a release changes none of them.
    budget_left : float
        The share of the day's loss budget that is left, in [0, 1].
    losses_in_a_row : int
        Losing trades since the last winning one.
    trips : tuple[Trip, ...]
        The rules of the circuit breaker that tripped and were not released.
    limits : tuple[LimitView, ...]
        How far every limit is.
    reduce_only : tuple[str, ...]
        Instruments with a position of nobody, or in which our books are not the venue's.
    strategies : tuple[StrategyView, ...]
        In the order in which they were made.
    """

    run: str
    config_digest: str
    code_version: str
    venue: str
    currency: str
    latch: str
    journal: str
    state: str
    reason: str
    flatten: bool
    equity: float | None
    day_start: float | None
    peak: float | None
    budget_left: float
    losses_in_a_row: int
    trips: tuple[Trip, ...]
    limits: tuple[LimitView, ...]
    reduce_only: tuple[str, ...]
    strategies: tuple[StrategyView, ...]


def guard_view(
    config: GuardConfig,
    said: Switch,
    circuit: Circuit,
    equity: float,
    standings: Iterable[Standing],
    reduce_only: Iterable[str],
    strategies: Iterable[Strategy],
) -> GuardView:
    """Return the guard as it stands. A Nautilus strategy that cannot be switched off counts as enabled."""
    memory = circuit.memory
    return GuardView(
        run=config.run.name,
        config_digest=config.run.config_digest,
        code_version=config.run.code_version,
        venue=config.venue,
        currency=config.currency,
        latch=config.latch or "",
        journal=config.journal,
        state=said.state.value,
        reason=said.reason if said.state > State.RUNNING else "",
        flatten=said.flatten,
        equity=known(equity),
        day_start=memory.opening,
        peak=memory.high_water,
        budget_left=circuit.budget_left(),
        losses_in_a_row=memory.losses_in_a_row,
        trips=memory.trips,
        limits=tuple(LimitView(item.limit, known(item.value), item.threshold) for item in standings),
        reduce_only=tuple(sorted(reduce_only)),
        strategies=tuple(
            StrategyView(
                label=getattr(strategy, "label", str(strategy.id)),
                strategy_id=str(strategy.id),
                enabled=getattr(strategy, "is_enabled", True),
            )
            for strategy in strategies
        ),
    )
