"""What experiments need of git: worktrees, branches, commits, and what differs. The program itself does it."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.git_environment import git_environment

PROGRAM: Final = "git"
TIMEOUT_S: Final = 120.0
NO_REPOSITORY: Final = "experiments work in a git repository: go to its folder, or begin one with `git init`"
AUTHOR: Final = {
    "GIT_AUTHOR_NAME": "SageTrade experiments",
    "GIT_AUTHOR_EMAIL": "experiments@sagetrade.invalid",
    "GIT_COMMITTER_NAME": "SageTrade experiments",
    "GIT_COMMITTER_EMAIL": "experiments@sagetrade.invalid",
}

ALWAYS: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1"}
LINKS: Final = ("120000 ", "160000 ")
"""The modes of a symbolic link and of a submodule."""


class Git:
    """The repository, or the worktree, at `folder`.

    Raises
    ------
    ExperimentError
        By every method: git is missing, or says no. The message is git's own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def commit_of(self, name: str) -> str:
        """Return the commit that `name` means."""
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if done.returncode != 0 and not done.stderr:
            raise ExperimentError(
                f"{self.folder}: git knows no branch or commit {name!r}; `git branch --all` lists them"
            )
        return self._said(done, "rev-parse", name)

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit: the same for the same files."""
        return self._ask("rev-parse", "--verify", f"{commit}^{{tree}}")

    def merge_base(self, one: str, other: str) -> str:
        return self._ask("merge-base", one, other)

    def changed(self, base: str, commit: str) -> list[str]:
        """Return the paths that differ between two commits; a file that was moved counts at both places."""
        return [path for path in self._diff("--name-only", "--no-renames", "-z", base, commit).split("\0") if path]

    def diff(self, base: str, commit: str) -> str:
        """Return how two commits differ, for people; no file can say of another that it is not shown."""
        return self._diff("--no-color", "--no-ext-diff", "--no-textconv", base, commit)

    def show(self, commit: str, path: str) -> bytes | None:
        """Return a file as it is in a commit, ``None`` if it is not there."""
        done = self._run("cat-file", "blob", f"{commit}:{path}")
        return done.stdout if done.returncode == 0 else None

    def files(self, commit: str, folder: str) -> list[str]:
        """Return the paths of the files that lie in a folder of a commit, without those in folders below it."""
        found = self._ask("ls-tree", "-z", commit, f"{folder}/")
        return [line.split("\t", 1)[1] for line in found.split("\0") if " blob " in line]

    def links(self, commit: str, paths: Iterable[str]) -> list[str]:
        """Return those of `paths` that are no plain files in a commit, but symbolic links and submodules."""
        found = self._ask("ls-tree", "-r", "-z", commit)
        return sorted({line.split("\t", 1)[1] for line in found.split("\0") if line.startswith(LINKS)} & {*paths})

    def add_worktree(self, path: Path, commit: str, branch: str = "") -> None:
        """Make a worktree at `path`, exactly `commit`, on a branch of that name or on none.

        One that is there already is kept, unless whoever made it was ended before it was whole.
        """
        if (path / ".git").exists():
            try:
                return Git(path).reset(commit)
            except ExperimentError:
                shutil.rmtree(path, ignore_errors=True)
        self._run("worktree", "unlock", str(path))  # git locks one that it makes, and leaves it so where it is killed
        self._ask("worktree", "prune")
        where = ["-B", branch] if branch else ["--detach"]
        self._ask("worktree", "add", "--force", "--force", "--quiet", *where, str(path), commit)

    def commit(self, message: str, paths: list[str], at: str) -> str:
        """Commit exactly `paths` as of the moment `at`, and return the commit; the present one if nothing differs."""
        self._ask("add", "--force", "--", *paths)
        if self._ask("diff", "--cached", "--name-only"):
            dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
            self._ask("commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", message, env={**AUTHOR, **dates})
        return self.commit_of("HEAD")

    def restore(self, commit: str, paths: list[str]) -> None:
        """Make the worktree's files at `paths` as they are in a commit; what is not there goes."""
        self._ask("restore", f"--source={commit}", "--worktree", "--", *paths)

    def reset(self, commit: str) -> None:
        """Make the worktree exactly `commit`."""
        self._ask("reset", "--hard", "--quiet", commit)
        self._ask("clean", "-fdq")

    def remotes(self) -> list[str]:
        return self._ask("remote").split()

    def push(self, remote: str, branch: str) -> None:
        self._ask("push", "--quiet", "--force-with-lease", remote, f"refs/heads/{branch}")

    def _diff(self, *words: str) -> str:
        """Ask git for a difference, from outside of the worktree: its .gitattributes and .gitmodules have no say."""
        place = self._ask("rev-parse", "--path-format=absolute", "--git-common-dir")
        bare = ("-C", place, f"--git-dir={place}", "-c", "core.bare=true")
        return self._ask(*bare, "diff", "--ignore-submodules=none", *words)

    def _ask(self, *words: str, env: dict[str, str] | None = None) -> str:
        return self._said(self._run(*words, env=env), *words)

    def _said(self, done: "subprocess.CompletedProcess[bytes]", *words: str) -> str:
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
            way = f"; {NO_REPOSITORY}" if "not a git repository" in said else ""
            raise ExperimentError(f"git {' '.join(words[:2])} in {self.folder}: {said}{way}")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def _run(self, *words: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(  # noqa: S603 - git, by words of our own
                [PROGRAM, "-c", "core.hooksPath=/dev/null", *words],
                cwd=self.folder,
                env={**git_environment(), **ALWAYS, **(env or {})},
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError:
            raise ExperimentError("git is missing: experiments work on branches, so install it") from None
        except subprocess.TimeoutExpired:
            raise ExperimentError(f"git {' '.join(words[:2])} did not answer within {TIMEOUT_S:g} s") from None
