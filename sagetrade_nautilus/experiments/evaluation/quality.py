"""What must hold of proposed code before it runs, and before its figures are looked at: static guard, lint, tests."""

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


class Quality(msgspec.Struct, frozen=True):
    """What was found of one tree."""

    checks: tuple[Criterion, ...]

    @property
    def holds(self) -> bool:
        return all(check.passed for check in self.checks)


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
    quality = Quality((_lint(code, changed, outputs), _test(code, tests, outputs)))
    put(place, msgspec.json.encode(quality))
    return quality


def _lint(code: Code, changed: Sequence[str], outputs: Path) -> Criterion:
    sources = [path for path in changed if path.endswith(".py") and (code.worktree / path).is_file()]
    if not sources:
        return Criterion(name="lint", passed=True, detail="no code was changed")
    done = _python(code, ["ruff", "check", "--no-cache", "--quiet", *sources], outputs)
    return _check("lint", done, f"ruff finds nothing in {count(len(sources), 'file')}")


def _test(code: Code, tests: Sequence[str], outputs: Path) -> Criterion:
    there = [path for path in tests if (code.worktree / path).exists()]
    if not there:
        return Criterion(name="tests", passed=False, detail=f"none of {', '.join(tests)} is there")
    done = _python(code, ["pytest", "-q", "-p", "no:cacheprovider", *there], outputs)
    last = next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "")
    return _check("tests", done, f"pytest {' '.join(there)}: {last.strip()}")


def _python(code: Code, words: list[str], outputs: Path) -> CommandEnd:
    return code.run([sys.executable, "-m", *words], worktree=code.worktree, inputs=[], outputs=outputs)


def _check(name: str, done: CommandEnd, well: str) -> Criterion:
    said = (done.stdout + done.stderr).strip()[-SAID_CHARS:] or f"exit code {done.returncode}"
    return Criterion(name=name, passed=done.returncode == 0, detail=well if done.returncode == 0 else said)
