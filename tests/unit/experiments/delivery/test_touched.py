"""What only people change is found in every run's file, by what it comes to."""

from pathlib import Path

from sagetrade_nautilus.experiments.delivery.touched import touched
from sagetrade_nautilus.experiments.git import Git
from tests.support.experiments import SMALL, git
from tests.support.proposal import small_repository

OTHER = "configs/other.toml"


def _changed(root: Path, path: str, text: str) -> tuple[str, ...]:
    (root / path).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "two")
    return touched(Git(root), "HEAD~1", "HEAD")


def test_a_limit_of_another_run_than_the_experiments_needs_a_person(tmp_path: Path) -> None:
    root = small_repository(tmp_path / "repo")
    assert _changed(root, OTHER, SMALL) == (f"{OTHER}: it is new, gone, or cannot be read",)
    (found,) = _changed(root, OTHER, SMALL + "\n[limits]\nmax_exposure_pct = 200.0\n")
    assert found.startswith(f"{OTHER}: limits.max_exposure_pct: from ")
    assert found.endswith(" to 200.0")


def test_a_strategy_and_the_evidence_beside_it_need_nobody(tmp_path: Path) -> None:
    root = small_repository(tmp_path / "repo")
    (root / "strategies").mkdir()
    assert _changed(root, "strategies/other.py", "x = 1\n") == ()
    (root / "proposals" / "exp-20261126-001").mkdir(parents=True)
    assert _changed(root, "proposals/exp-20261126-001/anything.bin", "x") == ()


def test_a_link_needs_a_person_wherever_it_stands(tmp_path: Path) -> None:
    root = small_repository(tmp_path / "repo")
    (root / "strategies").mkdir()
    (root / "strategies" / "other.py").symlink_to("../configs/small.toml")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "two")
    assert touched(Git(root), "HEAD~1", "HEAD") == ("strategies/other.py: it is a symbolic link or a submodule",)
