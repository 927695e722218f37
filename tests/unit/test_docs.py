"""What the README and the documentation show is so: examples, configuration, tables."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus import errors
from sagetrade_nautilus.config import LimitConfig, RunConfig
from sagetrade_nautilus.guard.gate.limits import standard_limits
from sagetrade_nautilus.messages import Verdict
from sagetrade_nautilus.report.figures import Metrics, Performance
from tests.support.checkout import script
from tests.support.docs import PAGES, ROOT, blocks, text

LEAST = {
    "name": "x",
    "data": {"instruments": ["BTCUSDT.BINANCE"], "start": "2022-01-01", "end": "2022-01-02"},
    "strategies": [{"plugin": "momentum_scalper"}],
}


@pytest.fixture(scope="module")
def dip_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's plugin was run, by the README's words."""
    folder = tmp_path_factory.mktemp("dip")
    readme = text("README.md")
    (folder / "strategies").mkdir()
    (folder / "strategies" / "dip_buyer.py").write_text(blocks(readme, "python")[0])
    (folder / "dip.toml").write_text(blocks(readme, "toml")[0])
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "backtest", "dip.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_plugin_of_the_readme_trades_and_manages_its_positions(dip_run: Path) -> None:
    report = next((dip_run / "runs").glob("*-*"))
    metrics = msgspec.json.decode((report / "metrics.json").read_bytes(), type=Metrics)
    assert metrics.per_strategy["dip_buyer"].trades > 0
    assert "plugin" in {exit_.reason for exit_ in metrics.exits}


def test_the_batch_signals_of_the_data_page_can_be_had(dip_run: Path) -> None:
    code = blocks(text("docs/data.md"), "python")[0] + "\nassert prices and texts\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=dip_run, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_sweep_that_is_shown_can_be_made(dip_run: Path) -> None:
    (dip_run / "dip_sweep.py").write_text(blocks(text("docs/sweeps.md"), "python")[0])
    command = [sys.executable, "dip_sweep.py"]
    done = subprocess.run(
        command, cwd=dip_run, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^0\.[456]: \d+,\d+\.\d\d$", done.stdout, re.MULTILINE)) == 3


def test_the_documentation_shows_the_same_plugin_and_run_as_the_readme() -> None:
    readme = text("README.md")
    assert blocks(readme, "python")[0] in blocks(text("docs/plugins.md"), "python")
    assert blocks(readme, "toml")[0] in blocks(text("docs/tutorial.md"), "toml")


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    sample = script("write_demo_sample")
    readme = text("README.md")
    assert sample.page(readme, sample.run_demo(tmp_path)) == readme, "run scripts/write_demo_sample.py --picture"


def test_the_configuration_page_is_what_the_script_writes() -> None:
    committed = text("docs/configuration.md")
    assert script("write_config_reference").page(committed) == committed, "run scripts/write_config_reference.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_piece_of_configuration_is_valid(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8"), "toml"):
        msgspec.convert({**LEAST, **tomllib.loads(block)}, RunConfig)


def test_every_verdict_limit_exit_code_and_figure_is_explained() -> None:
    plugins, safety, report = (text(f"docs/{name}.md") for name in ("plugins", "safety", "report"))
    code = "".join(text(f"sagetrade_nautilus/guard/gate/limits/{name}.py") for name in ("market", "money", "traffic"))
    limits = re.findall(r'(?:Denial\(\s*|    name = )"(\w+)"', code)
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}
    assert len(limits) >= len(standard_limits(LimitConfig()))
    assert [verdict.value for verdict in Verdict if f"`{verdict.value}`" not in plugins] == []
    assert [limit for limit in limits if f"| `{limit}` |" not in safety] == []
    assert [code for code in sorted(codes) if f"| {code} |" not in safety] == []
    assert [name for name in Performance.__struct_fields__ if f"`{name}`" not in report] == []
