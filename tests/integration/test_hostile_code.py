"""Code that means harm gets nowhere: the static guard refuses it, and without the guard the sandbox holds it."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.sandbox.bubblewrap import Finished, Sandbox
from sagetrade_nautilus.experiments.sandbox.static_guard import faults
from tests.support.hostile import ATTACKS, REAL, Hostile
from tests.support.hostile_world import World

QUICK = {"reads the environment", "connects by TCP", "releases the kill switch", "leaves a pipe that hangs its reader"}
"""Those that run every time; the others are slow together."""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return Sandbox()
    except ExperimentError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    with world.alive():
        yield world


def test_the_static_guard_refuses_every_attack(world: World) -> None:
    passed = [attack.name for attack in ATTACKS if not faults(world.source(attack), "attack.py")]
    assert passed == []


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(attack, id=attack.name, marks=() if attack.name in QUICK else pytest.mark.slow)
        for attack in ATTACKS
    ],
)
def test_the_sandbox_holds_what_the_static_guard_did_not_see(sandbox: Sandbox, world: World, attack: Hostile) -> None:
    done, escapes = world.attack(sandbox, attack)
    assert escapes == []
    assert "bwrap:" not in done.stderr


class NoSandbox:
    """Runs a program as it is."""

    def run(self, argv: list[str], *, worktree: Path, inputs: object, outputs: Path, limits: object) -> Finished:
        outputs.mkdir(exist_ok=True)
        began = time.monotonic()
        done = subprocess.run(argv, cwd=worktree, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
        return Finished(returncode=done.returncode, stdout=done.stdout, stderr=done.stderr, seconds=seconds)


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_without_a_sandbox_it_would_escape(tmp_path: Path, name: str) -> None:
    """The attacks are real, and what judges them is not blind."""
    attack = next(attack for attack in ATTACKS if attack.name == name)
    world = World(tmp_path)
    with world.alive():
        done, escapes = world.attack(NoSandbox(), attack)
    assert escapes, done
