"""What a well-meaning program finds in the sandbox, and what it leaves outside; `test_hostile_code` has the others."""

import os
import sys
import time
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.sandbox import bubblewrap as module
from sagetrade_nautilus.experiments.sandbox.bubblewrap import Finished, Sandbox, SandboxLimits
from sagetrade_nautilus.experiments.sandbox.harvest import Harvest
from sagetrade_nautilus.experiments.sandbox.launch import NICENESS

LIMITS = SandboxLimits(seconds=60.0)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return Sandbox()
    except ExperimentError as error:
        pytest.skip(str(error))


def run(sandbox: Sandbox, folder: Path, program: str, limits: SandboxLimits = LIMITS, **paths: object) -> Finished:
    (folder / "worktree").mkdir(exist_ok=True)
    return sandbox.run(
        [sys.executable, "-c", program],
        worktree=folder / "worktree",
        inputs=paths.pop("inputs", ()),  # type: ignore[arg-type]
        outputs=folder / "outputs",
        limits=limits,
    )


def test_a_program_reads_its_inputs_and_leaves_its_outputs(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree" / "plugin.py").write_text("VALUE = 41")
    (tmp_path / "bars").write_text("1")
    done = run(
        sandbox,
        tmp_path,
        "import os, plugin, sys\n"
        f"value = plugin.VALUE + int(open({str(tmp_path / 'bars')!r}).read())\n"
        f"os.makedirs({str(tmp_path / 'outputs' / 'a')!r})\n"
        f"open({str(tmp_path / 'outputs' / 'a' / 'report')!r}, 'w').write(str(value))\n"
        "print(value, os.getcwd())\nprint('oh', file=sys.stderr)\nsys.exit(3)",
        inputs=[tmp_path / "bars"],
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, f"42 {tmp_path / 'worktree'}\n", "oh\n")
    assert done.faults == ()
    assert (tmp_path / "outputs" / "a" / "report").read_text() == "42"


def test_outputs_begin_empty_and_replace_what_is_there(sandbox: Sandbox, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "x").write_text("old")
    (outputs / "y").write_text("old")
    done = run(
        sandbox,
        tmp_path,
        f"import os\nprint(os.listdir({str(outputs)!r}))\nopen({str(outputs / 'x')!r}, 'w').write('new')",
    )
    assert done.stdout == "[]\n"
    assert ((outputs / "x").read_text(), (outputs / "y").read_text()) == ("new", "old")


def test_its_environment_is_the_same_wherever_it_runs(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import os\nprint(sorted(os.environ))"
    first = run(sandbox, tmp_path, program)
    monkeypatch.setenv("SOMETHING", "else")
    assert run(sandbox, tmp_path, program).stdout == first.stdout
    assert "SOMETHING" not in first.stdout


def test_it_stands_back_from_who_watches_it(sandbox: Sandbox, tmp_path: Path) -> None:
    """A program that starts all the processes it can would otherwise take the processor from the watch that ends it."""
    done = run(sandbox, tmp_path, "import os\nprint(os.nice(0))")
    assert int(done.stdout) == min(19, os.nice(0) + NICENESS)


def test_the_limit_that_ended_it_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    done = run(sandbox, tmp_path, "while True: pass", SandboxLimits(seconds=0.5))
    assert done.faults == ("it ran longer than 0.5 s",)
    assert done.returncode == 137
    assert done.seconds < 20.0


def test_one_process_gets_no_more_memory_than_all_may_have_however_short_it_asks(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    program = "import mmap\nmmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)"
    done = run(sandbox, tmp_path, program, SandboxLimits(seconds=60.0, memory_bytes=1 << 30))
    assert (done.returncode, done.faults) == (1, ())
    assert "Cannot allocate memory" in done.stderr


def test_outputs_of_what_was_ended_are_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    place = str(tmp_path / "outputs" / "x")
    run(sandbox, tmp_path, f"open({place!r}, 'w').write('so far')\nwhile True: pass", SandboxLimits(seconds=2.0))
    assert Path(place).read_text() == "so far"


def test_ctrl_c_leaves_nothing_behind(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object, limits: SandboxLimits, deadline: float) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("sagetrade_nautilus.experiments.sandbox.confined.Confined._breach", interrupted)
    marker = f"31536{os.getpid()}{time.monotonic_ns() % 10**6}"
    with pytest.raises(KeyboardInterrupt):
        run(sandbox, tmp_path, f"import os; os.execv('/bin/sleep', ['sleep', '{marker}'])")
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not any(marker.encode() in command for command in commands)


def test_a_command_that_is_not_there_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    done = sandbox.run(["no-such-thing"], worktree=tmp_path / "w", inputs=(), outputs=tmp_path / "o", limits=LIMITS)
    assert done.returncode != 0
    assert "no-such-thing: cannot be run in the sandbox" in done.stderr


@pytest.mark.parametrize("shown", [Path.home(), Path("/"), Path("/no/such/place")])
def test_a_home_folder_is_never_shown(sandbox: Sandbox, tmp_path: Path, shown: Path) -> None:
    with pytest.raises(ExperimentError, match=r"home folder|not there"):
        run(sandbox, tmp_path, "", inputs=[shown])


def test_without_bubblewrap_it_refuses_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(ExperimentError, match=r"in a sandbox only.*install bubblewrap"):
        Sandbox()


def test_where_isolation_fails_it_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda name: str(broken))
    with pytest.raises(ExperimentError, match=r"none can be made here: bwrap: No permissions.*user namespaces"):
        Sandbox()


def test_a_bubblewrap_that_does_not_isolate_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that only runs what it is given would look like a sandbox; the trial asks for more than that."""
    fake = tmp_path / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda name: str(fake))
    with pytest.raises(ExperimentError, match="none can be made here"):
        Sandbox()


def harvest(source: Path, target: Path, bytes_max: int = 1_000, files_max: int = 10) -> list[str]:
    target.mkdir(exist_ok=True)
    found = Harvest(bytes_max, files_max)
    descriptor = os.open(source, os.O_RDONLY)
    try:
        found.copy(descriptor, target)
    finally:
        os.close(descriptor)
    return found.faults


def test_only_plain_files_are_harvested(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "a").mkdir(parents=True)
    (source / "a" / "x").write_text("x")
    (source / "link").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe")
    assert harvest(source, target) == ["'link' is no plain file: left out", "'pipe' is no plain file: left out"]
    assert sorted(path.name for path in target.rglob("*")) == ["a", "x"]


@pytest.mark.parametrize(("bytes_max", "files_max"), [(25, 100), (1_000, 2)])
def test_no_more_than_allowed_is_harvested(tmp_path: Path, bytes_max: int, files_max: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name in "abcdef":
        (source / name).write_bytes(b"0123456789")
    faults = harvest(source, target, bytes_max, files_max)
    assert faults
    assert sum(path.stat().st_size for path in target.iterdir()) <= 25


def test_a_link_where_a_file_is_harvested_to_is_replaced_and_not_followed(tmp_path: Path) -> None:
    source, target, kept = tmp_path / "source", tmp_path / "target", tmp_path / "kept"
    source.mkdir()
    target.mkdir()
    kept.write_text("kept")
    (source / "x").write_text("new")
    (target / "x").symlink_to(kept)
    harvest(source, target)
    assert kept.read_text() == "kept"
    assert (target / "x").read_text() == "new"
