"""What is asked of a worktree, and what it answers: plain values in files, so that nobody need trust what ran there."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.model.records import DecisionCount, FillRecord, RoundTrip

OUTCOME_BYTES_MAX = 256 * 1024 * 1024

Way = Literal["backtest", "replay", "lookahead"]


class Job(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run that is wanted.

    Parameters
    ----------
    key : str
        What it is called: the name of its outcome's file.
    way : {'backtest', 'replay', 'lookahead'}
        How the configuration is run. A replay's signals begin with the `node.warm_up_h` hours before it, as a node's.
    config : dict
        The run's configuration as plain values.
    """

    key: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    way: Way
    config: dict[str, Any]


class RunOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run left: its fills and trades, or why it failed. Figures are worked out elsewhere.

    Parameters
    ----------
    failure : str
        What went wrong; '' if nothing did.
    findings : tuple[str, ...]
        Of a check for look-ahead: what each other future showed, '' where it behaved the same.
    """

    failure: str = ""
    final_balance: float = 0.0
    open_pnl: float = 0.0
    currency_precision: int = 8
    fills: tuple[FillRecord, ...] = ()
    round_trips: tuple[RoundTrip, ...] = ()
    decisions: tuple[DecisionCount, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()


def read_outcome(path: Path) -> RunOutcome:
    """Return the outcome at `path`, which nobody vouches for.

    Raises
    ------
    ExperimentError
        It is missing, a link, too large, or no outcome.
    """
    try:
        if path.is_symlink() or not path.is_file():
            raise ExperimentError(f"{path.name}: the run left no outcome")
        if path.stat().st_size > OUTCOME_BYTES_MAX:
            raise ExperimentError(f"{path.name}: the outcome is larger than {OUTCOME_BYTES_MAX} bytes")
        return msgspec.json.decode(path.read_bytes(), type=RunOutcome)
    except OSError as error:
        raise ExperimentError(f"{path.name}: the outcome cannot be read: {error.strerror}") from None
    except UNDECODABLE as error:
        raise ExperimentError(f"{path.name}: it is no outcome: {error}") from None
