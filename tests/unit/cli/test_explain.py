"""Which journal `sagetool explain` reads when no run is named, and how it prints what it found."""

import shutil
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from sagetrade_nautilus.cli.explain import fold, newest_journal
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.report.order import note


def _report(runs: Path, name: str, *, noted: bool = True) -> Path:
    path = runs / name / "decisions.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    if noted:
        note(runs, path.parent)
    return path


def test_the_only_run_is_read_noted_or_not(tmp_path: Path) -> None:
    only = _report(tmp_path, "demo-1", noted=False)
    assert newest_journal(tmp_path) == (only, "")


def test_the_report_that_was_written_last_is_read_a_replays_too_and_the_choice_is_told(tmp_path: Path) -> None:
    first = _report(tmp_path, "zulu-1")
    replayed = _report(tmp_path, "replay/demo-1")
    path, said = newest_journal(tmp_path)
    assert path == replayed
    assert said == f" (the last written of 2 below {tmp_path}; --run names another)"
    _report(tmp_path, "zulu-1")
    assert newest_journal(tmp_path)[0] == first


def test_neither_a_copy_nor_a_touch_makes_a_run_the_newest(tmp_path: Path) -> None:
    old, newest = _report(tmp_path, "a-1"), _report(tmp_path, "b-1")
    shutil.copytree(old.parent, tmp_path / "copied")
    old.touch()
    assert newest_journal(tmp_path)[0] == newest


def test_where_the_newest_is_gone_the_one_before_it_is_read(tmp_path: Path) -> None:
    before = _report(tmp_path, "b-1")
    _report(tmp_path, "unknown", noted=False)
    shutil.rmtree(_report(tmp_path, "a-1").parent)
    assert newest_journal(tmp_path)[0] == before


def test_a_report_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    whole = _report(tmp_path, "demo-1")
    _report(tmp_path, ".demo-2-x1y2")
    assert newest_journal(tmp_path)[0] == whole


def test_of_runs_that_were_not_noted_none_is_read_and_each_is_named(tmp_path: Path) -> None:
    first, second = _report(tmp_path, "a-1", noted=False), _report(tmp_path, "b-1", noted=False)
    with pytest.raises(JournalError, match="was not noted") as raised:
        newest_journal(tmp_path)
    assert f"{first.parent}, {second.parent}" in str(raised.value)
    assert "--run" in str(raised.value)


def test_lines_are_folded_and_addresses_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    address = "https://example.com/" + "word-" * 20
    tree = Tree(Text("a trade"))
    tree.add(Text("a headline " * 9)).add(Text(address, no_wrap=True))
    console = Console(width=40)
    Console(width=fold(tree, console, console.width)).print(tree)
    said = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert f"    └── {address}" in said
    assert max(len(line) for line in said if address not in line) <= 40
