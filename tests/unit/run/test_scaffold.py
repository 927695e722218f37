"""A new plugin is whole: it can be named, its test passes, and nothing is written over."""

import subprocess
import sys
from pathlib import Path

import pytest

from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run.scaffold import scaffold


def test_its_run_can_be_read_and_its_own_test_passes_where_it_was_made(tmp_path: Path) -> None:
    _, config, test = scaffold("calm_buyer", tmp_path)
    assert load(config).strategies[0].plugin == "calm_buyer"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


@pytest.mark.parametrize("name", ["Dip", "dip-buyer", "1dip", "", "../dip", "dip.py"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="small letters"):
        scaffold(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_word_of_pythons_own_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a word of Python's own"):
        scaffold("class", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_file_that_is_there_holds_all_of_them_back(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "dip.toml").write_text("mine")
    with pytest.raises(ConfigError, match=r"dip\.toml: is there already"):
        scaffold("dip", tmp_path)
    assert not (tmp_path / "strategies").exists()


def test_nothing_is_left_where_one_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "configs").write_text("a file")
    with pytest.raises(ConfigError, match=r"configs/dip\.toml: cannot be written: .*a file stands where a folder"):
        scaffold("dip", tmp_path)
    assert not (tmp_path / "strategies" / "dip.py").exists()
