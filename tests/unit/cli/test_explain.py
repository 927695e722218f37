"""Which journal `sagetool explain` reads when no run is named."""

import os
from pathlib import Path

import pytest

from sagetrade_nautilus.cli.explain import newest_journal
from sagetrade_nautilus.errors import JournalError


def _report(folder: Path, written_s: int) -> Path:
    folder.mkdir(parents=True)
    path = folder / "decisions.jsonl"
    path.touch()
    os.utime(path, (written_s, written_s))
    return path


def test_the_only_run_is_read(tmp_path: Path) -> None:
    only = _report(tmp_path / "demo-1", 10)
    assert newest_journal(tmp_path) == (only, "")


def test_the_report_that_was_written_last_is_read_a_replays_too_and_the_choice_is_told(tmp_path: Path) -> None:
    _report(tmp_path / "zulu-1", 10)
    replayed = _report(tmp_path / "replay" / "demo-1", 11)
    path, said = newest_journal(tmp_path)
    assert path == replayed
    assert said == f" (the newest of 2 below {tmp_path}; --run names another)"


def test_a_report_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    whole = _report(tmp_path / "demo-1", 10)
    _report(tmp_path / ".demo-2-x1y2", 11)
    assert newest_journal(tmp_path)[0] == whole


def test_runs_that_are_equally_new_are_named_and_none_is_read(tmp_path: Path) -> None:
    first, second = _report(tmp_path / "a-1", 10), _report(tmp_path / "b-1", 10)
    with pytest.raises(JournalError, match="equally new") as raised:
        newest_journal(tmp_path)
    assert f"{first.parent}, {second.parent}" in str(raised.value)
    assert "--run" in str(raised.value)
