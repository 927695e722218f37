"""Whatever ends a command is one line and an exit code."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sagetrade_nautilus.cli.edge import edge
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.ops.logs import events_to

COMMAND = [sys.executable, "-m", "sagetrade_nautilus.cli"]


def _left_by(error: Exception) -> int:
    with pytest.raises(SystemExit) as left, edge():
        raise error
    return int(str(left.value.code))


@pytest.fixture
def output_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the edge does to the standard output of its process reaches the one of the tests."""
    monkeypatch.setattr("sagetrade_nautilus.cli.edge._drop_output", lambda: None)


def test_an_error_of_ours_ends_with_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert _left_by(DataError("no bars [of] this")) == 3
    assert capsys.readouterr().err == "error: no bars [of] this\n"


@pytest.mark.usefixtures("output_kept")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "runs"), "runs: Permission denied (give this user"),
        (OSError(errno.ENOSPC, "No space left on device"), "refuses: No space left on device (make room"),
        (OSError("what nobody knows"), "refuses: what nobody knows\n"),
        (ModuleNotFoundError("No module named 'aiohttp'"), "No module named 'aiohttp'; install"),
    ],
)
def test_what_the_system_refuses_is_told_with_the_way_out(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _left_by(error) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_defect_is_one_line_that_names_where_its_traceback_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("GITHUB_TOKEN", "gh-secret-value")
    assert _left_by(ValueError("odd gh-secret-value")) == 1
    (kept,) = tmp_path.iterdir()
    told = capsys.readouterr().err
    assert "this is a defect: ValueError: odd *** (at " in told
    assert told.endswith(f"Please report it, with what stands in {kept}\n")
    assert "Traceback" in kept.read_text()
    assert "gh-secret-value" not in kept.read_text()


def test_a_defect_of_a_service_has_its_traceback_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with events_to(os.open(os.devnull, os.O_WRONLY)):
        assert _left_by(ValueError("odd")) == 1
    assert "\nTraceback (most recent call last):" in capsys.readouterr().err


def test_what_a_terminal_cannot_show_becomes_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    with edge():
        print("−3 bps")
    assert raw.getvalue() == b"?3 bps\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "status"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "error: the operating system refuses: No space left on device (make room on that disk)\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "status"], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writing)
    assert done.stderr == ""
