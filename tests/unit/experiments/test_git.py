"""Git as experiments use it: branches and worktrees that do not touch what people work on."""

import shutil
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.workshop import write
from tests.support.experiments import git
from tests.support.proposal import AT, CONFIG, small_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_repository(tmp_path / "repo")


def test_a_worktree_has_its_own_branch_and_leaves_ours_alone(root: Path, tmp_path: Path) -> None:
    (root / CONFIG).write_text("name = 'unsaved'\n")
    ours, place = Git(root), tmp_path / "there"
    base = ours.commit_of("HEAD")
    ours.add_worktree(place, base, "ai-experiment/x")
    ours.add_worktree(place, base, "ai-experiment/x")  # once more does no harm
    change = write(Git(place), {"strategies/a.py": "A = 1\n", CONFIG: "name = 'x'\n"}, "a change", AT)
    assert ours.changed(base, change) == [CONFIG, "strategies/a.py"]
    assert ours.show(change, "strategies/a.py") == b"A = 1\n"
    assert ours.show(base, "strategies/a.py") is None
    assert git(root, "rev-parse", "HEAD") == base
    assert (root / CONFIG).read_text() == "name = 'unsaved'\n"
    assert git(root, "log", "-1", "--format=%an %aI", change) == "SageTrade experiments 2026-11-26T09:00:00+00:00"


def test_the_same_files_at_the_same_moment_are_the_same_commit(root: Path, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        Git(root).add_worktree(tmp_path / name, "HEAD")
        found.append(write(Git(tmp_path / name), {"strategies/a.py": "A = 1\n"}, "a change", AT))
    assert found[0] == found[1]
    assert write(Git(tmp_path / "one"), {"strategies/a.py": "A = 1\n"}, "nothing new", AT) == found[0]


def test_hooks_of_the_repository_do_not_run(root: Path, tmp_path: Path) -> None:
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    hook.chmod(0o755)
    Git(root).add_worktree(tmp_path / "there", "HEAD")
    write(Git(tmp_path / "there"), {"strategies/a.py": "A = 1\n"}, "a change", AT)
    assert not (tmp_path / "ran").exists()


def test_what_git_refuses_is_an_error_in_its_own_words(root: Path) -> None:
    with pytest.raises(ExperimentError, match="git merge-base"):
        Git(root).merge_base("HEAD", "nowhere")
    with pytest.raises(ExperimentError, match="git push"):
        Git(root).push("nowhere", "main")


def test_a_folder_without_a_repository_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"not a git repository.*go to its folder"):
        Git(tmp_path).commit_of("HEAD")


@pytest.mark.parametrize("name", ["nope", "--all"])
def test_a_branch_that_is_not_there_is_named(root: Path, name: str) -> None:
    with pytest.raises(ExperimentError, match=f"git knows no branch or commit '{name}'; `git branch --all` lists them"):
        Git(root).commit_of(name)


@pytest.mark.parametrize("name", ["AI_POLICY.md", ".git"])
def test_a_worktree_whose_making_was_ended_is_whole_when_it_is_asked_for_again(
    root: Path, tmp_path: Path, name: str
) -> None:
    place = tmp_path / "there"
    Git(root).add_worktree(place, "HEAD", "ai-experiment/x")
    (place / name).unlink()
    if name == ".git":
        place.rename(tmp_path / "elsewhere")
        place.mkdir()
    Git(root).add_worktree(place, "HEAD", "ai-experiment/x")
    assert git(place, "status", "--porcelain") == ""
    assert (place / "AI_POLICY.md").exists()
    assert git(place, "branch", "--show-current") == "ai-experiment/x"


def test_a_lock_that_a_killed_git_left_in_a_worktree_holds_nobody_up(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "there"
    Git(root).add_worktree(place, "HEAD")
    (place / git(place, "rev-parse", "--git-path", "index.lock")).touch()
    (place / "strange.md").write_text("left")
    Git(root).add_worktree(place, "HEAD")
    assert git(place, "status", "--porcelain") == ""


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_killed_git_leaves_of_a_worktree_is_made_anew(root: Path, tmp_path: Path, is_there: bool) -> None:
    place = tmp_path / "there"
    Git(root).add_worktree(place, "HEAD", "ai-experiment/x")
    (place / git(place, "rev-parse", "--git-path", "index.lock")).touch()
    git(root, "worktree", "lock", "--reason", "initializing", str(place))
    if not is_there:
        shutil.rmtree(place)
    Git(root).add_worktree(place, "HEAD", "ai-experiment/x")
    assert git(place, "status", "--porcelain") == ""
    assert git(place, "branch", "--show-current") == "ai-experiment/x"


def test_the_variables_of_a_hook_do_not_lead_to_another_repository(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = small_repository(tmp_path / "other")
    before = git(other, "rev-parse", "HEAD")
    with monkeypatch.context() as hook:
        hook.setenv("GIT_DIR", str(other / ".git"))
        hook.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
        Git(root).add_worktree(tmp_path / "there", "HEAD")
        change = write(Git(tmp_path / "there"), {"strategies/a.py": "A = 1\n"}, "a change", AT)
    assert (git(other, "rev-parse", "HEAD"), git(other, "status", "--porcelain")) == (before, "")
    assert Git(root).show(change, "strategies/a.py") == b"A = 1\n"


def test_a_path_is_no_pattern(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "there"
    Git(root).add_worktree(place, "HEAD")
    (place / "other.md").write_text("not asked for")
    change = write(Git(place), {"*.md": "asked for"}, "a change", AT)
    assert Git(root).changed("HEAD", change) == ["*.md"]


def test_links_and_submodules_of_a_commit_are_told(root: Path) -> None:
    paths = ["inner", "a link.md", "AI_POLICY.md", "nowhere.md"]
    assert Git(root).links("HEAD", paths) == []
    (root / "a link.md").symlink_to("AI_POLICY.md")
    git(root, "add", "-A")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{git(root, 'rev-parse', 'HEAD')},inner")
    git(root, "commit", "-qm", "two")
    assert Git(root).links("HEAD", paths) == ["a link.md", "inner"]
    assert Git(root).links("HEAD", ["inner"]) == ["inner"]


def test_no_change_hides_itself_by_what_it_says_of_its_files(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "there"
    Git(root).add_worktree(place, "HEAD")
    base = git(root, "rev-parse", "HEAD")
    (place / ".gitattributes").write_text("* -diff\n")
    (place / ".gitmodules").write_text('[submodule "inner"]\n\tpath = inner\n\turl = ./x\n\tignore = all\n')
    (place / "strategies").mkdir()
    (place / "strategies" / "a.py").write_text("A = 1\n")
    git(place, "add", "-A")
    git(place, "update-index", "--add", "--cacheinfo", f"160000,{base},inner")
    git(place, "commit", "-qm", "two")
    change = git(place, "rev-parse", "HEAD")
    assert Git(place).changed(base, change) == [".gitattributes", ".gitmodules", "inner", "strategies/a.py"]
    assert "+A = 1" in Git(place).diff(base, change)
    assert "Subproject commit" in Git(place).diff(base, change)
