"""What must hold of proposed code before it runs, and before its figures are looked at: static guard, lint, tests."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.experiments.evaluation.bench import Code
from sagetrade_nautilus.experiments.evaluation.figures import Criterion
from sagetrade_nautilus.experiments.sandbox.runner import CommandEnd
from sagetrade_nautilus.experiments.store import kept, put
from sagetrade_nautilus.report.text import count

Faults = Callable[[str, str], list[str]]
"""Returns what a source does that proposed code may not do; `static_guard.faults`."""
SAID_CHARS: Final = 1_500
NO_TEST_FOUND: Final = 5
"""What pytest ends with then."""
SUMMARY: Final = re.compile(r"\d+ (passed|skipped|xfailed)")
"""What pytest says last where it came to its end."""
INERT: Final = re.compile(r"configs/[^/]+\.toml|.+\.md")
"""Files that are no code. pyproject.toml is: it says what pytest runs, which may be a text."""


class Quality(msgspec.Struct, frozen=True):
    """What was found of one tree."""

    checks: tuple[Criterion, ...]

    @property
    def holds(self) -> bool:
        return all(check.passed for check in self.checks)


def is_code(changed: Sequence[str], config: str) -> bool:
    """Return whether anything that was changed is run, or says what is; the run's own file `config` is not."""
    return any(path != config and INERT.fullmatch(path) is None for path in changed)


def plugins(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files that become part of a run; a proposed test only ever says whether it passed."""
    return {path: text for path, text in files.items() if path.startswith("strategies/") and path.endswith(".py")}


def static(sources: dict[str, str], faults: Faults | None) -> Criterion:
    """Read proposed code without running it; without a guard that can do so, it does not hold."""
    if faults is None:
        return Criterion(
            name="static guard", passed=False, detail="there is no static guard, so proposed code is not run"
        )
    found = [fault for path, source in sorted(sources.items()) for fault in faults(source, path)]
    detail = "; ".join(found)[:SAID_CHARS] or f"nothing that is forbidden in {count(len(sources), 'file')}"
    return Criterion(name="static guard", passed=not found, detail=detail)


def examine(code: Code, changed: Sequence[str], tests: Sequence[str], folder: Path) -> Quality:
    """Lint what was changed and run the tests, in the worktree; what was found before of the same tree stands.

    Changed tests run by themselves, so that what they do while they run decides about no other test.

    Parameters
    ----------
    changed : sequence of str
        The changed paths.
    tests : sequence of str
        What pytest is given, as far as it is there.
    folder : Path
        The experiment's folder.
    """
    place = folder / "quality" / f"{code.tree}.json"
    found = kept(place, Quality)
    if found is not None:
        return found
    outputs = folder / "quality" / code.tree
    outputs.mkdir(parents=True, exist_ok=True)
    quality = Quality((_lint(code, changed, outputs), _test(code, changed, tests, outputs)))
    put(place, msgspec.json.encode(quality))
    return quality


def _lint(code: Code, changed: Sequence[str], outputs: Path) -> Criterion:
    sources = [path for path in changed if path.endswith(".py") and (code.worktree / path).is_file()]
    if not sources:
        return Criterion(name="lint", passed=True, detail="no code was changed")
    done = _python(code, ["ruff", "check", "--no-cache", "--quiet", *sources], outputs)
    if done.returncode != 0:
        return _failed("lint", done)
    return Criterion(name="lint", passed=True, detail=f"ruff finds nothing in {count(len(sources), 'file')}")


def _test(code: Code, changed: Sequence[str], tests: Sequence[str], outputs: Path) -> Criterion:
    there = [path for path in tests if (code.worktree / path).exists()]
    if not there:
        return Criterion(name="tests", passed=False, detail=f"none of {', '.join(tests)} is there")
    own = [path for path in changed if _is_test(code.worktree, path) and any(_holds(one, path) for one in there)]
    others = [path for path in there if path not in own]
    said = []
    for paths in ([*others, *(f"--ignore={path}" for path in own)] if others else [], own):
        if not paths:
            continue
        done = _python(code, ["pytest", "-q", "-p", "no:cacheprovider", *paths], outputs)
        if done.returncode == NO_TEST_FOUND and own and paths is not own:
            continue  # none but the changed ones are there
        last = next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "").strip()
        if done.returncode != 0 or SUMMARY.search(last) is None:
            return _failed("tests", done)
        said.append(last)
    return Criterion(name="tests", passed=True, detail=f"pytest {' '.join(there)}: {'; '.join(said)}")


def _is_test(worktree: Path, path: str) -> bool:
    return path.endswith(".py") and path.rpartition("/")[2].startswith("test_") and (worktree / path).is_file()


def _holds(one: str, path: str) -> bool:
    return one == path or path.startswith(f"{one.rstrip('/')}/")


def _python(code: Code, words: list[str], outputs: Path) -> CommandEnd:
    return code.run([sys.executable, "-m", *words], worktree=code.worktree, inputs=[], outputs=outputs)


def _failed(name: str, done: CommandEnd) -> Criterion:
    said = (done.stdout + done.stderr).strip()[-SAID_CHARS:] or f"exit code {done.returncode}"
    return Criterion(name=name, passed=False, detail=said)
