"""What a change touches that only people change: by its paths, and by what every run's file comes to."""

import tempfile
from pathlib import Path

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.delivery.pull_request import PROPOSALS
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.promotion import guarded


def touched(git: Git, start: str, head: str) -> tuple[str, ...]:
    """Return why the change from `start` to `head` needs a person, one line each; nothing if it does not.

    Every file under configs/ is held to what it comes to, not that of the experiment alone. The evidence that an
    experiment brings is left out.
    """
    changed = [path for path in git.changed(start, head) if not path.startswith(f"{PROPOSALS}/")]
    runs = [path for path in changed if path.startswith("configs/") and path.endswith(".toml")]
    return (
        *guarded.paths(changed),
        *(f"{path}: it is a symbolic link or a submodule" for path in git.links(head, changed)),
        *(line for path in runs for line in _effects(git, path, start, head)),
    )


def run_of(git: Git, commit: str, path: str) -> RunConfig | None:
    """Return the run that a file is in a commit; ``None`` where it is missing or no run."""
    raw = git.show(commit, path)
    if raw is None:
        return None
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(raw)
        file.flush()
        try:
            return load(Path(file.name))
        except ConfigError:
            return None


def _effects(git: Git, path: str, start: str, head: str) -> list[str]:
    before, after = (run_of(git, commit, path) for commit in (start, head))
    if before is None or after is None:
        return [f"{path}: it is new, gone, or cannot be read"]
    return [f"{path}: {line}" for line in guarded.effects(before, after)]
