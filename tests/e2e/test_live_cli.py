"""`sagetool live`: nothing is started, and it says what is missing."""

import subprocess
import sys
from pathlib import Path


def test_live_trading_is_refused_with_every_reason(tmp_path: Path, project_root: Path) -> None:
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "live", str(project_root / "configs" / "demo.toml")]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 11
    for reason in ("gate A", "gate B", "[canary]"):
        assert reason in done.stderr
    assert "Traceback" not in done.stderr
