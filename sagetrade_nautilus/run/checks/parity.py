"""Whether a node does what the backtest says: the same days as backtest and as replay, compared piece by piece."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.config import BotConfig, RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.checks import lookahead
from sagetrade_nautilus.run.checks.apart import processes
from sagetrade_nautilus.run.checks.attribution import Parity, attribute
from sagetrade_nautilus.run.checks.compare import Step, steps
from sagetrade_nautilus.run.checks.tracer import Tracer
from sagetrade_nautilus.run.files import SIGNALS
from sagetrade_nautilus.run.replay import replay

PIECES: Final = ("signal", "decision", "order")


def parity(config: RunConfig, day: dt.date | None = None, days: int | None = None) -> Parity:
    """Run `config` as backtest and as replay, each in a process of its own, and say where and why they part.

    Parameters
    ----------
    config : RunConfig
        The run. Its `node` section says how the replay executes, and how late its feed is.
    day : date, optional
        The first day, UTC; the run's own unless given.
    days : int, optional
        How many; unless given, one if `day` is given, else all.

    Raises
    ------
    ConfigError
        The days do not lie within the run's.
    SageTradeError
        One of the runs fails.
    """
    config = _on(config, day, days)
    backtest.prepare(config)
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        first, second = Path(scratch) / "backtest", Path(scratch) / "replay"
        first.mkdir()
        second.mkdir()
        with processes(2) as pool:
            runs = [
                pool.submit(lookahead.trace, config, str(Path.cwd()), str(first)),
                pool.submit(trace, config, str(second)),
            ]
            for run in runs:
                run.result()
        return attribute(steps_of(first), steps_of(second))


def trace(config: RunConfig, left: str) -> None:
    """Replay `config`, and leave its signals and its journal in `left`. For a process of its own."""
    replay(config, Path(left), listeners=[Tracer(Path(left) / SIGNALS)])


def _on(config: RunConfig, day: dt.date | None, days: int | None) -> RunConfig:
    """Return the run on the days that are asked for; nobody is written to by Telegram meanwhile."""
    start = day or config.data.start
    whole = (config.data.end - start).days if day is None else 1
    end = start + dt.timedelta(days=days or whole)
    if not config.data.start <= start < end <= config.data.end:
        raise ConfigError(
            f"--day: {start} to {end} must lie within the run's days, {config.data.start} to {config.data.end}"
        )
    data = msgspec.structs.replace(config.data, start=start, end=end)
    return msgspec.structs.replace(config, data=data, bot=BotConfig())


def steps_of(folder: Path) -> dict[str, list[Step]]:
    """Return every kind of step that a run left in `folder`."""
    return {kind: list(steps(folder, kind)) for kind in PIECES}
