"""`sagetool gate` as people use it: at a terminal, with their own keys."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sagetrade_nautilus.governance import store
from tests.support.signers import allow, key_of

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"
)
TOOL = [sys.executable, "-m", "sagetrade_nautilus.cli"]


@pytest.fixture
def desk(tmp_path: Path, project_root: Path) -> Path:
    """A folder with the policy, a run with a canary plan, and two people who may sign."""
    shutil.copy(project_root / "AI_POLICY.md", tmp_path)
    (tmp_path / "live.toml").write_text((project_root / "configs" / "live-alpaca.toml").read_text())
    for person in ("anna@desk", "omar@desk"):
        allow(person, tmp_path)
    return tmp_path


def _status(desk: Path) -> str:
    done = subprocess.run([*TOOL, "gate", "status", "live.toml"], cwd=desk, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _approve(desk: Path, *words: str, person: str, key: Path | None = None, answer: str = "approve") -> tuple[int, str]:
    """Approve at a pseudo-terminal, and return the exit code and what was said."""
    terminal, end = pty.openpty()
    command = [*TOOL, "gate", "approve", *words, "--as", person, "--key", str(key or key_of(person, desk))]
    running = subprocess.Popen(
        command, cwd=desk, stdin=end, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    os.close(end)
    os.write(terminal, f"{answer}\n".encode())
    said, _ = running.communicate(timeout=60)
    os.close(terminal)
    return running.returncode, said


@pytest.mark.slow
def test_two_people_open_the_gates_and_a_changed_policy_closes_them(desk: Path) -> None:
    assert "gate A" in _status(desk)
    code, said = _approve(desk, "A", person="anna@desk")
    assert (code, "gate A is open for this" in said) == (0, True), said
    code, said = _approve(desk, "B", "live.toml", person="anna@desk")
    assert (code, "approved by anna@desk alone" in said) == (0, True), said
    assert _approve(desk, "B", "live.toml", person="omar@desk")[0] == 0
    assert "Gates A and B are open for this run" in _status(desk)
    with (desk / "AI_POLICY.md").open("a") as policy:
        policy.write("9. An AI may do as it likes.\n")
    closed = _status(desk)
    assert "it was for another policy" in closed
    assert "Gates A and B are open" not in closed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"answer": "yes"}, "nothing was approved"),
        ({"person": "eve@elsewhere"}, "nothing was approved: the signature is not good"),
    ],
)
def test_without_the_word_or_the_right_key_nothing_is_approved(desk: Path, options: dict, says: str) -> None:
    code, said = _approve(desk, "A", **{"person": "anna@desk", **options})
    assert code == 11
    assert says in said
    assert "Traceback" not in said
    assert list((desk / store.FOLDER).glob("*.json")) == []


def test_no_script_answers_for_a_person(desk: Path) -> None:
    command = [*TOOL, "gate", "approve", "A", "--as", "anna@desk", "--key", str(key_of("anna@desk", desk))]
    done = subprocess.run(command, cwd=desk, input="approve\n", capture_output=True, text=True, check=False)
    assert done.returncode == 11
    assert "asked for at a terminal" in done.stderr
