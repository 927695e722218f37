"""`sagetool live` and `trial`: nothing is started, and it says what is missing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _refused(folder: Path, command: str, text: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that sends orders to a broker on a configuration, and see that it leaves nothing behind."""
    (folder / "run.toml").write_text(text)
    words = [sys.executable, "-m", "sagetrade_nautilus.cli", command, "run.toml"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert not (folder / "state").exists()
    assert "Traceback" not in done.stderr
    return done


def test_live_trading_is_refused_with_every_reason(tmp_path: Path, project_root: Path) -> None:
    shutil.copy(project_root / "AI_POLICY.md", tmp_path)
    text = (project_root / "configs" / "live-alpaca.toml").read_text()
    without_plan = text[: text.index("[canary]")] + text[text.index("[[strategies]]") :]
    done = _refused(tmp_path, "live", without_plan)
    assert done.returncode == 11
    for reason in ("gate A", "gate B", "[canary]"):
        assert reason in done.stderr


@pytest.mark.parametrize("command", ["live", "trial"])
@pytest.mark.parametrize(("name", "currency"), [("BTCUSDT.BINANCE", "USDT"), ("BTC/USD.KRAKEN", "USD")])
def test_what_cannot_be_traded_at_a_broker_is_refused_before_any_gate_is_asked(
    tmp_path: Path, project_root: Path, command: str, name: str, currency: str
) -> None:
    text = (project_root / "configs" / "paper-alpaca.toml").read_text()
    text = text.replace('"AAPL.ALPACA", "MSFT.ALPACA"', f'"{name}"').replace(
        'currency = "USD"', f'currency = "{currency}"'
    )
    done = _refused(tmp_path, command, text)
    assert done.returncode == 2
    assert f"`data.instruments`: '{name}' cannot be traded at a broker: " in done.stderr
    assert "gate" not in done.stderr


def test_a_catalog_is_no_feed_to_go_live_on_and_that_is_said_before_any_gate_is_asked(
    tmp_path: Path, project_root: Path
) -> None:
    text = (project_root / "configs" / "live-alpaca.toml").read_text().replace('data = "alpaca"', 'data = "replay"')
    done = _refused(tmp_path, "live", text)
    assert done.returncode == 2
    assert "'replay' is no live feed" in done.stderr
