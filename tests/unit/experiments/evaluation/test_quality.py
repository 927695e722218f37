"""Proposed code is read before it runs, linted and tested in its worktree, and found out once for each tree."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from sagetrade_nautilus.experiments.evaluation.bench import Code
from sagetrade_nautilus.experiments.evaluation.quality import examine, is_code, plugins, static
from sagetrade_nautilus.experiments.sandbox.runner import Plain, ProcessEnd, limited


def _code(worktree: Path, tree: str = "t1") -> Code:
    return Code(worktree, tree, limited(Plain(), 60.0))


def _folder(tmp_path: Path, source: str, test: str) -> Path:
    work = tmp_path / "work"
    (work / "strategies").mkdir(parents=True)
    (work / "strategies" / "a.py").write_text(source)
    (work / "test_a.py").write_text(test)
    return work


def test_without_a_guard_no_code_is_run_and_a_fault_is_told() -> None:
    assert not static({"strategies/a.py": ""}, None).passed
    found = static({"strategies/a.py": "x"}, lambda source, path: [f"{path}: it says {source}"])
    assert (found.passed, found.detail) == (False, "strategies/a.py: it says x")
    assert static({"strategies/a.py": "x"}, lambda source, path: []).passed
    files = {"strategies/a.py": "", "tests/unit/strategies/test_a.py": "", "configs/x.toml": ""}
    assert list(plugins(files)) == ["strategies/a.py"]


def test_clean_code_with_passing_tests_holds(tmp_path: Path) -> None:
    work = _folder(tmp_path, '"""A."""\n\nA = 1\n', "def test_a():\n    assert True\n")
    found = examine(_code(work), ["strategies/a.py"], ["test_a.py", "missing.py"], tmp_path)
    assert [(one.name, one.passed) for one in found.checks] == [("lint", True), ("tests", True)]
    assert "1 passed" in found.checks[1].detail


def test_what_is_wrong_is_told_and_found_out_once(tmp_path: Path) -> None:
    work = _folder(tmp_path, "import os\n", "def test_a():\n    assert 1 == 2\n")
    asked: list[Sequence[str]] = []

    def run(argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path) -> ProcessEnd:
        asked.append(argv)
        return Plain().run(argv, worktree=worktree, inputs=inputs, outputs=outputs, limits=60.0)

    code = Code(work, "t2", run)
    found = examine(code, ["strategies/a.py"], ["test_a.py"], tmp_path)
    assert [one.passed for one in found.checks] == [False, False]
    assert "F401" in found.checks[0].detail
    assert "1 failed" in found.checks[1].detail
    assert examine(code, ["strategies/a.py"], ["test_a.py"], tmp_path) == found
    assert len(asked) == 2


def test_no_tests_at_all_is_a_failure(tmp_path: Path) -> None:
    found = examine(_code(tmp_path), [], ["missing.py"], tmp_path)
    assert [(one.name, one.passed) for one in found.checks] == [("lint", True), ("tests", False)]


@pytest.mark.parametrize("path", ["strategies/a.py", "pyproject.toml", "tests/pytest.toml", "pytest.ini", "a.pyc"])
def test_what_says_which_code_runs_counts_as_code(path: str) -> None:
    inert = ["configs/other.toml", "docs/a.md", "elsewhere/run.toml"]
    assert not is_code(inert, "elsewhere/run.toml")
    assert is_code([*inert, path], "elsewhere/run.toml")


ENDS = "import os\n\nos._exit(0)\n"


@pytest.mark.parametrize("tests", [["tests"], ["tests", "tests/test_new.py"]])
def test_a_changed_test_does_not_decide_about_the_others(tmp_path: Path, tests: list[str]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_new.py").write_text(ENDS)
    (tmp_path / "tests" / "test_old.py").write_text("def test_old() -> None:\n    assert False\n")
    (found,) = examine(_code(tmp_path), ["tests/test_new.py"], tests, tmp_path).checks[1:]
    assert not found.passed
    assert "test_old" in found.detail


def test_a_test_that_ends_pytest_with_a_good_code_has_not_passed(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_new.py").write_text(ENDS)
    assert not examine(_code(tmp_path), ["tests/test_new.py"], ["tests"], tmp_path).checks[1].passed


def test_changed_tests_and_the_others_are_both_told(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_new.py").write_text("def test_new() -> None:\n    assert True\n")
    changed = ["tests/test_new.py", "tests/test_gone.py", "other/test_else.py"]
    alone = examine(_code(tmp_path, "t1"), changed, ["tests"], tmp_path).checks[1]
    (tmp_path / "tests" / "test_old.py").write_text("def test_one():\n    pass\n\n\ndef test_two():\n    pass\n")
    both = examine(_code(tmp_path, "t2"), changed, ["tests"], tmp_path).checks[1]
    assert (alone.passed, both.passed) == (True, True)
    assert alone.detail.startswith("pytest tests: 1 passed")
    assert "2 passed" in both.detail.split("; ")[0]
    assert "1 passed" in both.detail.split("; ")[1]


def test_a_plain_process_knows_no_secret_and_is_ended_when_it_is_too_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "canary-1")
    monkeypatch.setenv("LLM_API_KEY", "canary-2")
    ask = [sys.executable, "-c", "import os; print(sorted(os.environ))"]
    said = Plain().run(ask, worktree=tmp_path, inputs=[], outputs=tmp_path, limits=60.0).stdout
    assert "PATH" in said
    assert "GITHUB_TOKEN" not in said
    assert "LLM_API_KEY" not in said
    slow = Plain().run(
        [sys.executable, "-c", "while True: pass"], worktree=tmp_path, inputs=[], outputs=tmp_path, limits=0.5
    )
    assert slow.returncode == 124


needs_pgrep = pytest.mark.skipif(shutil.which("pgrep") is None, reason="needs pgrep: apt-get install procps")


def _is_there(marker: str) -> bool:
    done = subprocess.run(["pgrep", "-f", f"^sleep {marker}"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture
def marker() -> str:
    return f"31536{os.getpid()}{time.monotonic_ns() % 10**6}"


@needs_pgrep
def test_a_plain_process_that_is_too_slow_is_ended_with_all_that_it_has_started(tmp_path: Path, marker: str) -> None:
    ask = ["sh", "-c", f"sleep {marker} & sleep {marker}; true"]
    assert Plain().run(ask, worktree=tmp_path, inputs=[], outputs=tmp_path, limits=1.0).returncode == 124
    assert not _is_there(marker)


@needs_pgrep
def test_a_plain_process_ends_with_a_manager_that_is_killed(tmp_path: Path, marker: str) -> None:
    program = (
        "from pathlib import Path\n"
        "from sagetrade_nautilus.experiments.sandbox.runner import Plain\n"
        f"place = Path({str(tmp_path)!r})\n"
        f"Plain().run(['sleep', '{marker}'], worktree=place, inputs=[], outputs=place, limits=60.0)\n"
    )
    manager = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 60.0
    while not _is_there(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _is_there(marker)
    manager.kill()
    manager.wait()
    while _is_there(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_there(marker)
