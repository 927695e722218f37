"""The sealed days are read once for each candidate; what was read stays read, whatever happens afterwards."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments.evaluation.windows import Days
from sagetrade_nautilus.experiments.promotion.holdout import Holdout, HoldoutReading, touches
from sagetrade_nautilus.experiments.promotion.sealed import FILE, holdout_faults
from tests.support.checkout import ROOT
from tests.support.sealed import DAYS, config


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "holdout" / "readings.jsonl"


def test_the_first_reading_gives_the_sealed_days_and_nothing_else_of_the_run_changes(ledger: Path) -> None:
    opened = Holdout(ledger, DAYS).open("abc", config(), 1)
    assert (opened.config.data.start, opened.config.data.end) == (DAYS.start, DAYS.end)
    assert msgspec.structs.replace(opened.config, data=config().data) == config()
    assert opened.readings == 1


def test_a_second_reading_is_refused_and_written_down(ledger: Path) -> None:
    holdout = Holdout(ledger, DAYS)
    holdout.open("abc", config(), 1)
    with pytest.raises(ExperimentError, match="judged once"):
        Holdout(ledger, DAYS).open("abc", config(), 2)
    assert [(reading.candidate, reading.deed, reading.ts) for reading in holdout.readings()] == [
        ("abc", "read", 1),
        ("abc", "refused", 2),
    ]


def test_every_candidate_has_its_own_reading_and_all_are_counted(ledger: Path) -> None:
    holdout = Holdout(ledger, DAYS)
    holdout.open("a", config(), 1)
    with pytest.raises(ExperimentError):
        holdout.open("a", config(), 2)
    assert holdout.open("b", config(), 3).readings == 2
    assert holdout.open("c", config(), 4).readings == 3


def test_moving_the_seal_does_not_give_a_second_chance(ledger: Path) -> None:
    Holdout(ledger, DAYS).open("abc", config(), 1)
    moved = Holdout(ledger, Days(DAYS.start, DAYS.end + dt.timedelta(days=1)))
    with pytest.raises(ExperimentError, match="not sealed anew by moving the seal"):
        moved.open("abc", config(), 2)


def test_days_that_nobody_may_read_are_known_before_anything_is_measured_on_the_others(tmp_path: Path) -> None:
    assert holdout_faults(tmp_path, DAYS) == []
    Holdout(tmp_path / FILE, DAYS).open("abc", config(), 1)
    assert holdout_faults(tmp_path, DAYS) == []
    (fault,) = holdout_faults(tmp_path, Days(DAYS.start, DAYS.end + dt.timedelta(days=1)))
    assert "the ledger of the days 2022-06-01..2022-06-30, not 2022-06-01..2022-07-01" in fault
    assert "another `experiments.directory`" in fault


def _cut(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))


def _rename(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"abc", b"xyz"))


@pytest.mark.parametrize("damage", [Path.unlink, _cut, _rename, lambda path: path.write_bytes(b"")])
def test_a_ledger_that_was_altered_cut_or_taken_away_gives_nothing_out(
    ledger: Path, damage: Callable[[Path], None]
) -> None:
    holdout = Holdout(ledger, DAYS)
    holdout.open("abc", config(), 1)
    holdout.open("def", config(), 2)
    damage(ledger)
    with pytest.raises(ExperimentError):
        Holdout(ledger, DAYS).open("ghi", config(), 3)


def test_a_reading_that_cannot_be_written_down_is_not_made(ledger: Path) -> None:
    ledger.parent.mkdir()
    ledger.symlink_to("/nowhere/readings.jsonl")
    with pytest.raises(ExperimentError):
        Holdout(ledger, DAYS).open("abc", config(), 1)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_death_at_any_step_before_the_days_are_given_out_loses_no_reading_that_was_made(
    ledger: Path, step: str
) -> None:
    """Killed once its line is whole, the reading counts; killed before, nothing was given out, and the ledger holds."""
    program = (
        "import os, signal, sys, datetime as dt\n"
        "from pathlib import Path\n"
        "from sagetrade_nautilus.experiments import chained\n"
        "from tests.support.sealed import DAYS, config\n"
        "from sagetrade_nautilus.experiments.promotion.holdout import Holdout\n"
        "def die(*given): os.kill(os.getpid(), signal.SIGKILL)\n"
        "class Os:\n"
        "    def __getattr__(self, name): return die if name == 'fsync' else getattr(os, name)\n"
        "if sys.argv[2] in ('write', 'fsync'): chained.os = Os()\n"
        "if sys.argv[2] == 'write': chained.chain.link = lambda *given: (b'{\"half', '')\n"
        "if sys.argv[2] == 'replace': chained.durable.replace = die\n"
        "try:\n"
        "    Holdout(Path(sys.argv[1]), DAYS).open('abc', config(), 1)\n"
        "finally:\n"
        "    die()\n"
    )
    command = [sys.executable, "-c", program, str(ledger), step]
    killed = subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert killed.returncode == -signal.SIGKILL
    made = [reading.candidate for reading in chained.read(ledger, HoldoutReading)]
    assert made == ([] if step == "write" else ["abc"])
    if made:
        with pytest.raises(ExperimentError, match="judged once"):
            Holdout(ledger, DAYS).open("abc", config(), 2)
    assert Holdout(ledger, DAYS).open("def", config(), 3).readings == len(made) + 1


@pytest.mark.slow
def test_two_at_once_get_one_reading(ledger: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.support.sealed import DAYS, config\n"
        "from sagetrade_nautilus.experiments.promotion.holdout import Holdout\n"
        "Holdout(Path(sys.argv[1]), DAYS).open('abc', config(), 1)\n"
    )
    command = [sys.executable, "-c", program, str(ledger)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert sorted(process.wait() for process in both) == [0, 1]
    assert [reading.deed for reading in Holdout(ledger, DAYS).readings()] == ["read", "refused"]


dates = st.dates(dt.date(2022, 5, 1), dt.date(2022, 8, 1))


@given(dates, dates)
def test_a_run_touches_the_sealed_days_where_one_of_its_days_is_sealed(one: dt.date, other: dt.date) -> None:
    start, end = sorted((one, other))
    end += dt.timedelta(days=1)
    sealed = {DAYS.start + dt.timedelta(days=n) for n in range((DAYS.end - DAYS.start).days)}
    assert touches(config(start, end), DAYS) is any(
        start + dt.timedelta(days=n) in sealed for n in range((end - start).days)
    )


def test_what_a_person_reads_by_hand_wears_the_days_out_as_well_and_once_for_the_same_run(ledger: Path) -> None:
    holdout = Holdout(ledger, DAYS)
    for ts in (1, 2):
        holdout.note("mine", ts)
    holdout.note("another", 3)
    assert holdout.open("abc", config(), 4).readings == 3
    assert [reading.deed for reading in holdout.readings()] == ["by hand", "by hand", "read"]


def test_no_days_cannot_be_sealed(ledger: Path) -> None:
    with pytest.raises(ExperimentError, match="none"):
        Holdout(ledger, Days(DAYS.end, DAYS.start))
