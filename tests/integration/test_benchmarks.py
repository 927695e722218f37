"""The benchmark runs from the command line, and shows no speed of cases that did not trade alike."""

import json
import subprocess
import sys

import pytest


def benchmark(root, *arguments):
    command = [sys.executable, "-m", "benchmarks.backtest", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_cases_that_trade_alike_are_reported(project_root, tmp_path):
    file = tmp_path / "figures.json"
    cases = [f"--case={name}" for name in ("empty", "plain-hedging", "listed-netting")]
    done = benchmark(project_root, "--bars=4000", "--rule=many", "--slow", f"--json={file}", *cases)
    assert done.returncode == 0, done.stderr
    empty, plain, listed = json.loads(file.read_text())["many"]
    assert empty["orders"] == 0
    assert plain["orders"] > 50
    assert plain["decisions_sha256"] == listed["decisions_sha256"]
    assert min(report["wall_s"] for report in (empty, plain, listed)) > 0


@pytest.mark.slow
def test_backtrader_makes_the_same_decisions(project_root):
    pytest.importorskip("backtrader")
    done = benchmark(project_root, "--bars=4000", "--rule=many", "--case=listed-hedging", "--case=backtrader")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("key", "value"), [("orders", 3), ("decisions_sha256", "other"), ("balance", 1.0), ("unfilled", 1)]
)
def test_any_difference_in_trading_is_named(project_root, key, value):
    report = {
        "case": "a",
        "orders": 2,
        "decisions": 1,
        "decisions_sha256": "x",
        "balance": 2.0,
        "unfilled": 0,
    }
    other = {**report, "case": "b", key: value}
    script = (
        "import json, sys; from benchmarks.outcome import disagreements; "
        "print(json.dumps(disagreements(json.loads(sys.argv[1]))))"
    )

    def faults(*reports):
        command = [sys.executable, "-c", script, json.dumps(reports)]
        done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    assert faults(report, report) == []
    assert len(faults(report, other)) == 1
    assert key in faults(report, other)[0]
