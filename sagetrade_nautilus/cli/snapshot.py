"""`sagetool snapshot`: keep what runs and what it has written, and bring it back."""

import datetime as dt
import time
from pathlib import Path
from typing import Annotated

import typer

from sagetrade_nautilus.errors import SnapshotError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.ops.snapshots import copy, restore
from sagetrade_nautilus.ops.snapshots.create import create as make
from sagetrade_nautilus.ops.snapshots.manifest import VERSION, Part, Snapshot
from sagetrade_nautilus.ops.snapshots.store import Store
from sagetrade_nautilus.secrets import present

DEFAULT_STORE = Path("snapshots")
HomeOption = Annotated[Path, typer.Option(help="The folder that SageTrade works in.")]
StoreOption = Annotated[Path, typer.Option(help="Where snapshots are kept.")]
NameArgument = Annotated[str, typer.Argument(help="A snapshot's name, or its beginning.")]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        help="Copy it there too, such as s3://bucket/folder or file:///mnt/backup; nowhere if left out.",
        metavar="<url>",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", help="Where --to copied it; the store alone is looked at if left out.", metavar="<url>"),
]
HERE = Path()

app = typer.Typer(no_args_is_help=True, help="Keep what runs and what it has written, and bring it back.")


@app.command()
def create(
    note: Annotated[str, typer.Option(help="Why; it is kept with it, and empty if left out.")] = "",
    to: UrlOption = None,
    keep: Annotated[int, typer.Option(min=1, help="How many snapshots are kept; the oldest go.")] = 30,
    running: Annotated[
        bool, typer.Option("--running", help="Leave out what a running node holds, instead of refusing.")
    ] = False,
    home: HomeOption = HERE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Keep code, configuration, models, state, journals and approvals, each file under its hash.

    Secrets, passwords and the kill switch's file are left out. Nothing is stopped and nothing changed.

    Example: sagetool snapshot create --note "before the upgrade"
    """
    kept, began = Store(store), time.monotonic()
    masker = Masker(present())
    snapshot = make(home, kept, time.time_ns(), note=note, masker=masker, is_running=running)
    took_s = time.monotonic() - began
    print(f"{snapshot.name}  {len(snapshot.entries)} files, digest {snapshot.digest()[:12]}  ({took_s:.1f} s)")
    for name in snapshot.left_out:
        print(f"left out, a running node holds it: {name}")
    if to is not None:
        print(f"copied to {to}: {copy.push(kept, snapshot, to)} new contents")
    for name in kept.prune(keep, snapshot.name):
        print(f"forgotten: {name}")


@app.command("list")
def list_(store: StoreOption = DEFAULT_STORE, source: FromOption = None) -> None:
    """Show the snapshots, oldest first.

    Example: sagetool snapshot list
    """
    if source is not None:
        for name in copy.names(source):
            print(name)
        return
    kept = Store(store)
    if not kept.names():
        print(f"no snapshot in {store}; `sagetool snapshot create` makes one")
    for name in kept.names():
        snapshot = kept.get(name)
        size = sum(entry.size for entry in snapshot.entries) / 1e6
        revision = snapshot.revision[:12] + ("+changed" if snapshot.revision.endswith("+changed") else "")
        print(
            f"{name}  {len(snapshot.entries):5} files  {size:8.1f} MB  {snapshot.version} {revision}  {snapshot.note}"
        )


@app.command()
def verify(name: NameArgument, store: StoreOption = DEFAULT_STORE) -> None:
    """Read every byte of a snapshot, and say whether it is what was kept.

    Example: sagetool snapshot verify 20260105T0900
    """
    kept = Store(store)
    _require_sound(kept, kept.get(name))
    print(f"{kept.get(name).name}: every file is as it was kept")


@app.command("restore")
def restore_(
    name: NameArgument,
    into: Annotated[
        Path | None,
        typer.Option(help="A new folder to bring it back into; over what is there, with --part, if left out."),
    ] = None,
    parts: Annotated[
        list[Part] | None,
        typer.Option("--part", help="A part to bring back over what is there, repeatable; needs --into if left out."),
    ] = None,
    source: FromOption = None,
    home: HomeOption = HERE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Bring a snapshot back: into a new folder, or with --part over what is there.

    Where state or journals come back, the kill switch is engaged, and only a person lets trade again.

    Example: sagetool snapshot restore 20260105T090000 --into restored
    """
    kept, began = Store(store), time.monotonic()
    snapshot = kept.get(name) if source is None else copy.pull(source, name, kept)
    if into is not None:
        found = restore.into(kept, snapshot, into)
        print(f"{into}: {snapshot.name}, digest {found[:12]}  ({time.monotonic() - began:.1f} s)")
        return
    if not parts:
        raise SnapshotError("say where: --into FOLDER, or --part code (config, models, state, journal, approvals)")
    _bring_back(home, kept, snapshot, frozenset(parts))


@app.command()
def rollback(
    to: Annotated[str | None, typer.Argument(help="A snapshot; the newest with another version if left out.")] = None,
    home: HomeOption = HERE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Bring back the previous code, configuration and models. State, journals and approvals stay as they are.

    What is there now is kept first, so a rollback can be taken back with another one.

    Example: sagetool snapshot rollback
    """
    restore.refuse_while_running(home)
    finished = restore.resume(home)
    if finished is not None:
        print(f"{finished} is in place: what was cut off is finished, and nothing else was done")
        return
    kept, now = Store(store), restore.current(home)
    snapshot = kept.get(to) if to is not None else _previous(kept, now)
    if now not in {kept.get(name).digest(VERSION) for name in kept.names()}:
        safe = make(home, kept, time.time_ns(), note=f"before a rollback to {snapshot.name}", masker=Masker(present()))
        print(f"kept what is there now: {safe.name}")
    _bring_back(home, kept, snapshot, VERSION)


@app.command()
def resume(home: HomeOption = HERE) -> None:
    """Finish a restore or rollback that was cut off. Where none was, nothing happens.

    Example: sagetool snapshot resume
    """
    name = restore.resume(home)
    print(f"{name} is in place" if name else "nothing was cut off")


def _bring_back(home: Path, kept: Store, snapshot: Snapshot, parts: frozenset[Part]) -> None:
    began = time.monotonic()
    restore.in_place(home, kept, snapshot, parts, time.time_ns())
    found = restore.tree_digest(home, snapshot.of(parts))
    made = dt.datetime.fromtimestamp(snapshot.made_ns / NANOS_PER_SECOND, dt.UTC)
    print(
        f"{', '.join(sorted(parts))} of {made:%Y-%m-%d %H:%M} UTC ({snapshot.name}), digest {found[:12]}  "
        f"({time.monotonic() - began:.1f} s)"
    )
    if snapshot.version and Part.CODE in parts:
        print("If the dependencies changed: pip install -c constraints.txt -e .")


def _previous(kept: Store, now: str) -> Snapshot:
    for name in reversed(kept.names()):
        snapshot = kept.get(name)
        if snapshot.of(VERSION) and snapshot.digest(VERSION) != now:
            return snapshot
    raise SnapshotError(f"{kept.folder}: no snapshot of another version; make one before you change something")


def _require_sound(kept: Store, snapshot: Snapshot) -> None:
    faults = list(kept.faults(snapshot))
    if faults:
        raise SnapshotError("; ".join(faults[:3]) + (f"; and {len(faults) - 3} more" if len(faults) > 3 else ""))
