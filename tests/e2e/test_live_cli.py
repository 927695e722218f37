"""`sagetool live`: nothing is started, and it says what is missing."""

import shutil
import subprocess
import sys
from pathlib import Path


def test_live_trading_is_refused_with_every_reason(tmp_path: Path, project_root: Path) -> None:
    shutil.copy(project_root / "AI_POLICY.md", tmp_path)
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "live", str(project_root / "configs" / "demo.toml")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 11
    assert not (tmp_path / "state").exists()
    for reason in ("gate A", "gate B", "[canary]"):
        assert reason in done.stderr
    assert "Traceback" not in done.stderr
