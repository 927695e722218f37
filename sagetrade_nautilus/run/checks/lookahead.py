"""Whether a run knows its future: it is run again with another future, and must not have behaved differently before.

The catalog is copied with everything after a cut left out, made up, or moved. Each copy stands where the original
stood, relative to a working folder of its own, and each run has a process of its own, so that a plugin which opens the
catalog by itself is given the copy too, and keeps nothing in memory from one run to the next.
"""

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from catalog import variants
from catalog.store import read_texts
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.pipeline import release_time_ns
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE, NANOS_PER_SECOND
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.checks.apart import processes
from sagetrade_nautilus.run.checks.compare import Divergence, compare
from sagetrade_nautilus.run.checks.tracer import Tracer
from sagetrade_nautilus.run.compose import interval_ns, reads_text
from sagetrade_nautilus.run.files import JOURNAL, SIGNALS

SEED: Final = 20_220_401
DAY: Final = dt.timedelta(days=1)
TRUNCATED, PERTURBED, SHIFTED = "future cut off", "later bars made up", "later texts moved"


class Finding(msgspec.Struct, frozen=True):
    """What one other future showed.

    Parameters
    ----------
    future : str
        What was done to the catalog.
    until_ns : int
        The moment up to which both runs must agree.
    same : mapping of str to int
        Steps that were the same, by kind.
    difference : Divergence, optional
        The first that was not.
    failure : str
        What the run with the other future said when it failed; empty if it did not.
    """

    future: str
    until_ns: int
    same: Mapping[str, int] = {}
    difference: Divergence | None = None
    failure: str = ""

    @property
    def ok(self) -> bool:
        return self.difference is None and not self.failure


class _Future(msgspec.Struct, frozen=True):
    """Another future: how its catalog is made, where the run in it ends, and up to when it must agree."""

    name: str
    write: Callable[[Path], None]
    end: dt.date
    until_ns: int


def middle(config: RunConfig) -> dt.date:
    """Return the day at which a run is cut unless told otherwise: the middle one."""
    return config.data.start + (config.data.end - config.data.start) // 2


def check(
    config: RunConfig, cut: dt.date, shift_min: float, tell: Callable[[str], None] = lambda line: None
) -> list[Finding]:
    """Run `config` as it is and with other futures, and return what each of those showed.

    Parameters
    ----------
    config : RunConfig
        A backtest.
    cut : date
        Everything after 00:00 UTC of this day is future.
    shift_min : float
        By how much the later texts are moved, in minutes, > 0.
    tell : callable
        Told what goes on.

    Raises
    ------
    ConfigError
        The cut does not lie within the run, or the shift is not above 0.
    SageTradeError
        The run as it is fails.
    """
    if not config.data.start < cut < config.data.end:
        raise ConfigError(f"--cut: {cut} must lie after {config.data.start} and before {config.data.end}")
    if not shift_min > 0.0:
        raise ConfigError(f"--shift: {shift_min:g} minutes; texts can only be moved later, so give more than 0")
    backtest.prepare(config)
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        return _compare_all(config, Path(scratch), _futures(config, cut, round(shift_min * NANOS_PER_MINUTE)), tell)


def _futures(config: RunConfig, cut: dt.date, shift_ns: int) -> list[_Future]:
    root, later = Path(config.data.catalog), cut + DAY
    cut_ns, later_ns = (interval_ns(_until(config, day))[1] for day in (cut, later))
    found = [
        _Future(TRUNCATED, lambda target: variants.truncated(root, target, cut_ns), cut, cut_ns),
        _Future(PERTURBED, lambda target: variants.perturbed(root, target, cut_ns, SEED), later, cut_ns),
    ]
    if reads_text(config):
        until_ns = min(_first_release_ns(config, cut_ns) - 1, later_ns)
        move = partial(variants.shifted, root, cut_ns=cut_ns, shift_ns=shift_ns)
        found.append(_Future(SHIFTED, move, later, until_ns))
    return found


def _compare_all(
    config: RunConfig, scratch: Path, futures: Sequence[_Future], tell: Callable[[str], None]
) -> list[Finding]:
    whole = _folder(scratch / "whole")
    with processes(1 + len(futures)) as pool:
        tell("running it as it is")
        true = pool.submit(trace, config, str(Path.cwd()), str(whole))
        runs: list[tuple[_Future, Path, Future[None]]] = []
        for number, future in enumerate(futures):
            tell(f"running it with its {future.name}")
            work, left = _folder(scratch / f"work{number}"), _folder(scratch / f"left{number}")
            catalog = _stage(config, work)
            future.write(catalog)
            run = pool.submit(trace, _moved(_until(config, future.end), catalog), str(work), str(left))
            runs.append((future, left, run))
        true.result()
        return [_finding(future, whole, left, run) for future, left, run in runs]


def _finding(future: _Future, whole: Path, left: Path, run: "Future[None]") -> Finding:
    try:
        run.result()
    except Exception as error:  # noqa: BLE001 - whatever another future does to a run is the finding
        return Finding(future.name, future.until_ns, failure=f"{type(error).__name__}: {error}")
    found = compare(whole, left, future.until_ns)
    return Finding(future.name, future.until_ns, found.same, found.first_difference)


def trace(config: RunConfig, work: str, left: str) -> None:
    """Run `config` in the folder `work`, and leave its signals and its journal in `left`. For a process of its own."""
    os.chdir(work)
    backtest.run(config, Path(left) / JOURNAL, listeners=[Tracer(Path(left) / SIGNALS)])


def _until(config: RunConfig, end: dt.date) -> RunConfig:
    data = msgspec.structs.replace(config.data, end=min(end, config.data.end), sample=False)
    return msgspec.structs.replace(config, data=data)


def _first_release_ns(config: RunConfig, cut_ns: int) -> int:
    """Return when the first text that is moved would have been used."""
    latency_ns = round(config.text.ingest_latency_s * NANOS_PER_SECOND)
    later = read_texts(Path(config.data.catalog), cut_ns + 1, interval_ns(config)[1])
    return min((release_time_ns(text, latency_ns) for text in later), default=cut_ns + 1)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _stage(config: RunConfig, work: Path) -> Path:
    """Make `work` look like the present folder, except that the catalog is missing; return where it belongs."""
    relative = Path(os.path.relpath(config.data.catalog))
    if ".." in relative.parts:
        _mirror(Path.cwd(), work, None)
        return work.with_name(f"{work.name}-catalog")
    here, there = Path.cwd(), work
    for part in relative.parts:
        _mirror(here, there, part)
        here, there = here / part, there / part
        there.mkdir()
    return there


def _mirror(here: Path, there: Path, but: str | None) -> None:
    for entry in here.iterdir() if here.is_dir() else ():
        if entry.name != but:
            (there / entry.name).symlink_to(entry.absolute())


def _moved(config: RunConfig, catalog: Path) -> RunConfig:
    """Return the configuration with its catalog at `catalog`, wherever it is named by a path that leads to the old."""
    old = config.data.catalog
    if not Path(old).is_absolute() and ".." not in Path(os.path.relpath(old)).parts:
        return config
    data = msgspec.structs.replace(config.data, catalog=str(catalog))
    entries = [
        msgspec.structs.replace(entry, params=_renamed(entry.params, old, str(catalog))) for entry in config.strategies
    ]
    return msgspec.structs.replace(config, data=data, strategies=entries)


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, old, new) for inner in value]
    return value.replace(old, new) if isinstance(value, str) else value
