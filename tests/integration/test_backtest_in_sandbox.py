"""A backtest in the sandbox, over data that it cannot write to, reports to the byte what it reports outside."""

import subprocess
import sys
from pathlib import Path

import pytest

from catalog.sample import ensure_sample
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.sandbox.bubblewrap import Sandbox, SandboxLimits


@pytest.mark.slow
def test_a_backtest_in_the_sandbox_says_what_it_says_outside(project_root: Path, tmp_path: Path) -> None:
    try:
        sandbox = Sandbox()
    except ExperimentError as error:
        pytest.skip(str(error))
    research, inside, outside = (tmp_path / name for name in ("research", "inside", "outside"))
    ensure_sample(research / "catalog")
    demo = (project_root / "configs" / "demo.toml").read_text(encoding="utf-8")
    demo = demo.replace("end = 2022-07-01", "end = 2022-01-05").replace(
        "sample = true", f'catalog = "{research / "catalog"}"'
    )
    (research / "run.toml").write_text(f'{demo}\n[report]\ndirectory = "{inside}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "backtest", "--quiet", str(research / "run.toml")]
    done = sandbox.run(
        command, worktree=project_root, inputs=[research], outputs=inside, limits=SandboxLimits(seconds=600.0)
    )
    assert (done.returncode, done.faults) == (0, ()), done.stderr
    inside.rename(outside)
    subprocess.run(command, cwd=project_root, check=True, capture_output=True)
    files = sorted(path.relative_to(inside) for path in inside.rglob("*") if path.is_file())
    assert Path("metrics.json") in {Path(path.name) for path in files}
    assert files == sorted(path.relative_to(outside) for path in outside.rglob("*") if path.is_file())
    different = [path for path in files if (inside / path).read_bytes() != (outside / path).read_bytes()]
    assert different == []
