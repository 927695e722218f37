"""What the README and the documentation say is so: links, commands, examples, tables."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from sagetrade_nautilus import errors
from sagetrade_nautilus.cli import app
from sagetrade_nautilus.config import LimitConfig, RunConfig
from sagetrade_nautilus.guard.limits import standard_limits
from sagetrade_nautilus.messages import Verdict
from sagetrade_nautilus.report.figures import Metrics, Performance

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "catalog" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LEAST = {
    "name": "x",
    "data": {"instruments": ["BTCUSDT.BINANCE"], "start": "2022-01-01", "end": "2022-01-02"},
    "strategies": [{"plugin": "momentum_scalper"}],
}


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _commands(text: str) -> set[str]:
    shown = [line.removeprefix("$ ") for block in _blocks(text, "console") for line in block.splitlines()]
    inline = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.S))]
    return {line.removeprefix(".venv/bin/").split("  #")[0].split(" | ")[0] for line in [*shown, *inline]}


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _parse(words: list[str]) -> None:
    """Raise what the command line would for `words`; a command named without its arguments need only exist."""
    if words in (["--help"], ["--version"], []):
        return
    assert words[0] in app.COMMANDS, f"sagetool has no command {words[0]!r}"
    path, command, words = f"sagetool {words[0]}", app.command(words[0]), words[1:]
    while words and words[0] in getattr(command, "commands", {}):
        path, command, words = f"{path} {words[0]}", command.commands[words[0]], words[1:]
    if words == ["--help"]:
        return
    assert not (words and hasattr(command, "commands")), f"{path} has no command {words[0]!r}"
    if words:
        command.make_context(path, list(words))


@pytest.fixture(scope="module")
def dip_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's plugin was run, by the README's words."""
    folder = tmp_path_factory.mktemp("dip")
    readme = _text("README.md")
    (folder / "strategies").mkdir()
    (folder / "strategies" / "dip_buyer.py").write_text(_blocks(readme, "python")[0])
    (folder / "dip.toml").write_text(_blocks(readme, "toml")[0])
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "backtest", "dip.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_plugin_of_the_readme_trades_and_manages_its_positions(dip_run: Path) -> None:
    report = next((dip_run / "runs").iterdir())
    metrics = msgspec.json.decode((report / "metrics.json").read_bytes(), type=Metrics)
    assert metrics.per_strategy["dip_buyer"].trades > 0
    assert "plugin" in {exit_.reason for exit_ in metrics.exits}


def test_the_batch_signals_of_the_data_page_can_be_had(dip_run: Path) -> None:
    code = _blocks(_text("docs/data.md"), "python")[0] + "\nassert prices and texts\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=dip_run, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_documentation_shows_the_same_plugin_and_run_as_the_readme() -> None:
    readme = _text("README.md")
    assert _blocks(readme, "python")[0] in _blocks(_text("docs/plugins.md"), "python")
    assert _blocks(readme, "toml")[0] in _blocks(_text("docs/tutorial.md"), "toml")


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    sample = _script("write_demo_sample")
    readme = _text("README.md")
    assert sample.page(readme, sample.run_demo(tmp_path)) == readme, "run scripts/write_demo_sample.py --picture"


def test_the_configuration_page_is_what_the_script_writes() -> None:
    committed = _text("docs/configuration.md")
    assert _script("write_config_reference").page(committed) == committed, "run scripts/write_config_reference.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose)
    missing = [name for name in targets if "://" not in name and not (page.parent / name).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    for command in sorted(_commands(page.read_text(encoding="utf-8"))):
        if command.split()[:1] == ["sagetool"]:
            _parse(shlex.split(command)[1:])
        if command.split()[:1] == ["make"] and len(command.split()) > 1:
            assert re.search(rf"^{command.split()[1]}:", _text("Makefile"), re.MULTILINE), command


@pytest.mark.parametrize("words", ["nonsense", "data chek", "import bars FILE --instrumet X"])
def test_a_command_that_does_not_exist_would_be_found(words: str) -> None:
    with pytest.raises(Exception, match=r"nonsense|chek|instrumet"):
        _parse(words.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_piece_of_configuration_is_valid(page: Path) -> None:
    for block in _blocks(page.read_text(encoding="utf-8"), "toml"):
        msgspec.convert({**LEAST, **tomllib.loads(block)}, RunConfig)


def test_every_verdict_limit_exit_code_and_figure_is_explained() -> None:
    plugins, safety, report = (_text(f"docs/{name}.md") for name in ("plugins", "safety", "report"))
    code = "".join(_text(f"sagetrade_nautilus/guard/limits/{name}.py") for name in ("market", "money", "traffic"))
    limits = re.findall(r'(?:Denial\(\s*|    name = )"(\w+)"', code)
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}
    assert len(limits) >= len(standard_limits(LimitConfig()))
    assert [verdict.value for verdict in Verdict if f"`{verdict.value}`" not in plugins] == []
    assert [limit for limit in limits if f"| `{limit}` |" not in safety] == []
    assert [code for code in sorted(codes) if f"| {code} |" not in safety] == []
    assert [name for name in Performance.__struct_fields__ if f"`{name}`" not in report] == []
