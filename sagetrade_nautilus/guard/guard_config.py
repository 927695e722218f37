"""What the guard is told of its run."""

from nautilus_trader.config import ActorConfig

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard.journal.journal import Fsync
from sagetrade_nautilus.guard.journal.records import RunRecord


class GuardConfig(ActorConfig, frozen=True, kw_only=True):
    """The guard's part of a run.

    Parameters
    ----------
    limits : LimitConfig
        The thresholds.
    breaker : BreakerConfig
        What the circuit breaker does.
    venue, currency : str
        The account that is guarded, and what it is counted in.
    journal : str
        Path of the decision journal.
    run : RunRecord
        What the journal's first line says of the run; the guard adds the trader.
    fsync : {'close', 'every'}
        When the journal's lines are put on the disk, as `Journal` has it.
    latch : str, optional
        Path of the kill switch's file. A backtest has none; whatever can send an order to a venue must have one.
    memory : str, optional
        Path of the circuit breaker's memory; beside the latch, as 'breaker.json', if left out.
    heartbeat : str, optional
        Path of the file that a live node's event loop keeps writing; beside the latch unless given.
    heartbeat_ms : int
        Milliseconds between two heartbeats.
    awaits_reconciliation : bool
        Whether nothing leaves until somebody has told it that our books are the venue's.
    """

    limits: LimitConfig = LimitConfig()
    breaker: BreakerConfig = BreakerConfig()
    venue: str = "BINANCE"
    currency: str = "USDT"
    journal: str = "decisions.jsonl"
    run: RunRecord = RunRecord()
    fsync: Fsync = "close"
    latch: str | None = None
    memory: str | None = None
    heartbeat: str | None = None
    heartbeat_ms: int = 500
    awaits_reconciliation: bool = False
