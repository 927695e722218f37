"""What an experiment stands on is made ready without running any of it."""

from pathlib import Path

from sagetrade_nautilus.experiments.ground import compiled
from tests.support.experiments import plain


def test_compiling_a_worktree_runs_none_of_it_whatever_its_files_are_called(tmp_path: Path) -> None:
    worktree = tmp_path / "worktree"
    (worktree / "strategies").mkdir(parents=True)
    (worktree / "strategies" / "a.py").write_text("A = 1\n")
    for name in ("compileall", "py_compile", "struct"):
        (worktree / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    compiled(worktree, plain(), tmp_path)
    assert not (tmp_path / "ran").exists()
    assert list((worktree / "strategies" / "__pycache__").glob("a.*.pyc"))
