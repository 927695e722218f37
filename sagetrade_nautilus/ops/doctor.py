"""What is wrong with an installation and the nodes in it, and how to mend it. It reads, and changes nothing."""

import os
import resource
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import JournalError, SnapshotError, cause
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.journal.journal import check
from sagetrade_nautilus.guard.switch.heartbeat import Beat, beside, look, parse
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.life import LOCK, below, is_held
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.ops.addresses import netloc
from sagetrade_nautilus.ops.health import Health
from sagetrade_nautilus.ops.snapshots.restore import pending
from sagetrade_nautilus.ops.snapshots.store import Store
from sagetrade_nautilus.run.files import JOURNAL, LATCH

OPEN_FILES_MIN: Final = 1_024
INODES_MIN: Final = 10_000
BEAT_WATCH_S: Final = 2.0
ASK_S: Final = 3.0
SNAPSHOT_AGE_DAYS_MAX: Final = 7
EVERYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
"""Where a server is asked that listens at all of this machine's addresses."""


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


class Finding(NamedTuple):
    """What was looked at, how bad it is, what there is to say, and how to mend it."""

    name: str
    level: Level
    says: str
    mend: str = ""


def installation(home: Path, store: Path, now_ns: int) -> Iterator[Finding]:
    """Look at what all nodes share: files half put in place, handles, inodes, snapshots."""
    if not home.is_dir():
        yield Finding(
            "home", Level.FAILED, f"{home}: no such folder", "name the folder that SageTrade works in: --home"
        )
        return
    yield _restore(home)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    few = files != resource.RLIM_INFINITY and files < OPEN_FILES_MIN
    yield Finding("open files", *_bad(few, f"{files} at most", f"raise it: ulimit -n {OPEN_FILES_MIN * 4}"))
    inodes = os.statvfs(home).f_favail
    out = 0 < inodes < INODES_MIN
    yield Finding("inodes", *_bad(out, f"{inodes:,} free", "remove small files from this disk"))
    yield _snapshots(store, now_ns)


def nodes(config: RunConfig) -> Iterator[Finding]:
    """Look at every folder of the run's `node.state` that a node has worked in."""
    root = Path(config.node.state)
    folders = sorted({path.parent for path in below(root, LATCH, LOCK, JOURNAL) if path.parent.parent == root})
    if not folders:
        yield Finding(
            "node", Level.NOTE, f"{root}: no node has worked here yet", "sagetool paper, with your run's file"
        )
    for folder in folders:
        try:
            yield from _node(config, folder)
        except OSError as error:
            says = f"{folder}: cannot be looked into: {cause(error)}"
            yield Finding(f"{folder.name}: node", Level.FAILED, says, "ask as the user that runs the node")


def _node(config: RunConfig, folder: Path) -> Iterator[Finding]:
    running, beats = is_held(folder), _beats(folder)
    yield _life(folder, running, *beats)
    yield from _switches(folder, running)
    yield _journal(folder)
    if running and config.ops.enabled:
        yield from _served(config, folder)


def _life(folder: Path, running: bool, first: Beat | None, second: Beat | None) -> Finding:
    name = f"{folder.name}: node"
    if running and first is not None and first == second:
        says = f"process {first.pid} holds the folder, and its event loop has not moved for {BEAT_WATCH_S:g} s"
        mend = f"`sagetool stop --latch {folder / LATCH}`; then kill -9 {first.pid}, and start it anew"
        return Finding(name, Level.FAILED, says, mend)
    if running:
        return Finding(name, Level.OK, f"runs{f', process {first.pid}' if first else ''}")
    if first is not None and not first.stopped:
        says = f"process {first.pid} died without winding down"
        return Finding(name, Level.FAILED, says, "look at the venue and at its log; start it: it comes up reconciled")
    return Finding(name, Level.OK, "does not run, and stopped in good order" if first else "does not run")


def _switches(folder: Path, running: bool) -> Iterator[Finding]:
    path = folder / LATCH
    record = Latch(path).read()
    stopped = record.state > State.RUNNING
    level = Level.FAILED if record.is_fault and running else Level.NOTE if stopped else Level.OK
    way = f"find out why; then `sagetool resume --latch {path}`" if stopped else ""
    yield Finding(
        f"{folder.name}: switch", level, f"{record.state.value}{f': {record.reason}' if stopped else ''}", way
    )
    if durable.may_be_written_by_others(folder):
        way = f"chmod go-w {folder}"
        yield Finding(f"{folder.name}: folder", Level.FAILED, f"{folder}: others may write there", way)
    kept = MemoryFile(memory.beside(path)).load()
    if kept is None:
        says = "its memory is missing or damaged, so the next node stops itself"
        way = f"`sagetool resume --latch {path}` begins a new one"
        yield Finding(f"{folder.name}: breaker", Level.FAILED, says, way)
    else:
        says = "; ".join(map(str, kept.trips)) or "has not tripped"
        way = "`sagetool explain breaker`"
        yield Finding(f"{folder.name}: breaker", *_bad(bool(kept.trips), says, way, Level.NOTE))


def _journal(folder: Path) -> Finding:
    path, name = folder / JOURNAL, f"{folder.name}: journal"
    if not path.exists():
        return Finding(name, Level.OK, "none yet")
    try:
        found = check(path)
    except JournalError as error:
        return Finding(name, Level.FAILED, str(error), "keep what is there; bring the journal back from a snapshot")
    if found.fault is not None:
        way = "keep the file as it is, move it away, and find out who changed it"
        return Finding(name, Level.FAILED, f"{path}: {found.detail}", way)
    return Finding(name, Level.OK, f"{found.lines:,} lines, and the chain holds")


def _served(config: RunConfig, folder: Path) -> Iterator[Finding]:
    host = EVERYWHERE.get(config.ops.host, config.ops.host)
    url, name = f"http://{netloc(host, config.ops.port)}/health/ready", f"{folder.name}: ops server"
    try:
        answer = httpx.get(url, timeout=ASK_S, trust_env=False)
        health = msgspec.json.decode(answer.content, type=Health)
    except (httpx.HTTPError, *UNDECODABLE) as error:
        way = "another run's file may name another `ops.port`; else the event loop hangs"
        yield Finding(name, Level.FAILED, f"{url}: {type(error).__name__}", way)
        return
    yield Finding(name, Level.OK, "answers")
    for item in health.checks:
        way = f"docs/operations.md, {item.name}"
        yield Finding(f"{folder.name}: {item.name}", *_bad(not item.ok, item.says, way))


def _restore(home: Path) -> Finding:
    try:
        plan = pending(home)
    except SnapshotError as error:
        return Finding("restore", Level.FAILED, str(error), "restore a snapshot into a new folder")
    says = "none was cut off" if plan is None else f"that of {plan.name} was cut off half-way"
    return Finding("restore", *_bad(plan is not None, says, "`sagetool snapshot resume`"))


def _snapshots(store: Path, now_ns: int) -> Finding:
    kept, way = Store(store), "`sagetool snapshot create`, every night by cron or a timer"
    try:
        names = kept.names()
        newest = kept.get(names[-1]) if names else None
    except SnapshotError as error:
        return Finding("snapshots", Level.FAILED, str(error), way)
    if newest is None:
        return Finding("snapshots", Level.NOTE, f"none in {store}", way)
    days = (now_ns - newest.made_ns) / NANOS_PER_DAY
    says = f"the newest of {len(names)} is {days:.1f} days old"
    return Finding("snapshots", *_bad(days > SNAPSHOT_AGE_DAYS_MAX, says, way, Level.NOTE))


def _beats(folder: Path) -> tuple[Beat | None, Beat | None]:
    """Return two heartbeats, some time apart where a node should be beating."""
    path = beside(folder / LATCH)
    first = parse(look(path))
    if first is None or first.stopped or not is_held(folder):
        return first, None
    until_s = time.monotonic() + BEAT_WATCH_S
    while time.monotonic() < until_s:
        second = parse(look(path))
        if second != first:
            return first, second
        time.sleep(0.05)
    return first, first


def _bad(bad: bool, says: str, way: str, level: Level = Level.FAILED) -> tuple[Level, str, str]:
    return (level, says, way) if bad else (Level.OK, says, "")


def worst(findings: Iterable[Finding]) -> list[str]:
    """Return the names of what failed."""
    return [finding.name for finding in findings if finding.level is Level.FAILED]
