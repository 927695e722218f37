"""Files that must survive a crash at any point."""

import os
from pathlib import Path

import pytest

from sagetrade_nautilus import durable


def test_a_file_is_put_whole_into_a_folder_that_was_missing_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "made" / "kept.json"

    durable.put(path, b"first")
    durable.put(path, b"second")

    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["kept.json"]


def test_a_disk_that_takes_nothing_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.json"
    durable.put(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.put(path, b"new")

    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]
    with pytest.raises(OSError, match="No space"):
        durable.put_new(tmp_path / "new.json", b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]


def test_a_new_file_never_takes_the_place_of_one_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    durable.put_new(path, b"first")
    with pytest.raises(FileExistsError):
        durable.put_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]
