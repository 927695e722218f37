"""How fast a bad version is gone, and whether it is gone whole: ``python -m benchmarks.rollback [DEATHS]``.

This checkout is copied and kept, then changed as a release would. A rollback brings the kept version back; another one
is killed (SIGKILL) at DEATHS of its steps, spread over all of them, and finished by the next start. Ends with 1 if a
hash differs.
"""

import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.command import Command, from_one
from sagetrade_nautilus.ops.snapshots import restore
from sagetrade_nautilus.ops.snapshots.contents import SINGLE
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.manifest import VERSION
from sagetrade_nautilus.ops.snapshots.store import Store
from sagetrade_nautilus.run.version import OWN_PACKAGES
from tests.support.snapshots import NOW, die_at, make_home

ROOT = Path(__file__).resolve().parents[1]
DEATHS = 30


def _home(folder: Path) -> Path:
    for name in (*OWN_PACKAGES, "configs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for name in SINGLE:
        shutil.copy(ROOT / name, folder / name)
    return make_home(folder)


def _release(home: Path) -> None:
    """Change what a release changes: half of the code, a model, the configuration, a new file, one that is gone."""
    for number, path in enumerate(sorted((home / "sagetrade_nautilus").rglob("*.py"))):
        if number % 2:
            path.write_text(path.read_text() + "# a release\n")
    make_home(home, "two")
    (home / "strategies" / "of_one.py").unlink()


def main(deaths: int) -> int:
    """Measure, print, and return 1 if a hash differs."""
    with tempfile.TemporaryDirectory(dir=ROOT.parent) as root:
        folder = Path(root)
        home, store = _home(folder / "home"), Store(folder / "store")
        began = time.perf_counter()
        old = create(home, store, NOW)
        print(f"snapshot of {len(old.entries)} files: {time.perf_counter() - began:.2f} s")
        _release(home)
        new, state = restore.current(home), (home / "state/paper/decisions.jsonl").read_bytes()
        steps: list[str] = []
        trial = folder / "trial"
        shutil.copytree(home, trial)
        began = time.perf_counter()
        restore.in_place(trial, store, old, VERSION, NOW, steps.append)
        took_s, same = time.perf_counter() - began, restore.current(trial) == old.digest(VERSION)
        print(f"rollback: {took_s:.2f} s, {len(steps)} steps, hash {'equal' if same else 'DIFFERENT'}")
        wrong, recoveries = 0 if same else 1, []
        for number in range(deaths):
            step = 1 + number * (len(steps) - 1) // max(1, deaths - 1)
            shutil.rmtree(trial)
            shutil.copytree(home, trial)
            assert die_at(step, "rollback", trial, store.folder, old.name) == -signal.SIGKILL
            began = time.perf_counter()
            restore.in_place(trial, store, old, VERSION, NOW) if restore.resume(trial) is None else None
            recoveries.append(time.perf_counter() - began)
            wrong += restore.current(trial) != old.digest(VERSION)
            wrong += (trial / "state/paper/decisions.jsonl").read_bytes() != state
        assert new != old.digest(VERSION)
    median_s = statistics.median(recoveries)
    print(f"killed at {deaths} of its steps: recovered in p50 {median_s:.2f} s, max {max(recoveries):.2f} s")
    print(f"hash of the version, and the journal, different afterwards: {wrong}/{deaths}")
    return 1 if wrong else 0


def command() -> Command:
    parser = Command("rollback", __doc__, "about ten minutes")
    parser.add_argument("deaths", type=from_one, nargs="?", default=DEATHS, help="rollbacks killed (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main(command().parse_args().deaths))
