"""Every benchmark says on its command line what it measures and how long it takes, and what is wrong in one line."""

import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if '__name__ == "__main__"' in path.read_text())
every_benchmark = pytest.mark.parametrize("name", NAMES)


def _code(name: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> object:
    """Run the benchmark as ``python -m`` does, and return the code that it ends with."""
    monkeypatch.setattr(sys, "argv", [name, *words])
    monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
    return ended.value.code


def test_there_are_benchmarks() -> None:
    assert {"backtest", "kill", "promotion", "restart", "bot"} < set(NAMES)


@every_benchmark
def test_help_says_what_is_measured_and_how_long_it_takes(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _code(name, ["--help"], monkeypatch) == 0
    said = capsys.readouterr().out
    title = (FOLDER / f"{name}.py").read_text().splitlines()[0].strip('"').replace("``", "")
    assert said.startswith(f"usage: python -m benchmarks.{name} ")
    assert title in said
    assert "\nIt takes " in said


@every_benchmark
@pytest.mark.parametrize("words", [["--nonsense"], ["-1"], ["many"] * 5], ids=" ".join)
def test_a_wrong_argument_is_named_in_one_line(
    name: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _code(name, words, monkeypatch) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"python -m benchmarks.{name}: ")
    assert said.err.count("\n") == 1
