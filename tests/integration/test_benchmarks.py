"""The benchmark runs from the command line, and shows no speed of cases that did not trade alike."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.peers_cases.agreement import TOLERANCE, first_difference
from benchmarks.peers_cases.environment import interpreter


def benchmark(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.backtest", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def outcome(root: Path, case: str, bars: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.case", case, "many", str(bars)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_the_whole_chain_trades_exactly_as_plain_nautilus_does(project_root):
    """Bar by bar the same decisions, as many orders, and the same balance after fees and slippage."""
    chain, plain, market = (outcome(project_root, case, 3_000) for case in ("sagetrade", "listed-bracket", "listed"))
    assert chain["decisions"] > 20
    assert chain["unfilled"] == 0
    assert chain["decisions_sha256"] == plain["decisions_sha256"] == market["decisions_sha256"]
    assert chain["orders"] == plain["orders"]
    assert chain["balance"] == pytest.approx(plain["balance"], rel=1e-12)
    assert chain["balance"] < market["balance"]


@pytest.mark.slow
def test_cases_that_trade_alike_are_reported(project_root, tmp_path):
    file = tmp_path / "figures.json"
    cases = [f"--case={name}" for name in ("empty", "installed", "listed-bracket", "sagetrade")]
    done = benchmark(project_root, "--bars=4000", "--rule=many", "--repeat=2", "--slow", f"--json={file}", *cases)
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text())
    empty, installed, _, chain = figures["rules"]["many"]
    assert empty["orders"] == 0
    assert chain["orders"] > installed["orders"] > 50
    assert [len(report["cpu_s_runs"]) for report in (installed, chain)] == [1, 2]
    assert {goal["ratio"] for goal in figures["goals"]} == {"sagetrade / listed-bracket", "installed / sagetrade"}


def test_the_text_models_are_compared_and_missing_labels_are_said_to_be_missing(project_root, tmp_path):
    command = [sys.executable, "-m", "benchmarks.nlp", f"--labels={tmp_path / 'none'}"]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    scores = {row[0]: float(row[2]) for row in rows if row and row[0] in ("vader", "lexicon", "embedded")}
    assert scores["embedded"] > scores["lexicon"] > scores["vader"] > 0.4
    assert "give --labels" in done.stdout


@pytest.mark.slow
def test_backtrader_makes_the_same_decisions(project_root):
    pytest.importorskip("backtrader")
    done = benchmark(project_root, "--bars=4000", "--rule=many", "--case=listed", "--case=backtrader")
    assert done.returncode == 0, done.stderr


def faults(root: Path, *reports: dict) -> Sequence[str]:
    script = (
        "import json, sys; from benchmarks.outcome import disagreements; "
        "print(json.dumps(disagreements(json.loads(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", script, json.dumps(reports)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


REPORT = {
    "case": "a",
    "management": "market",
    "orders": 2,
    "decisions": 1,
    "decisions_sha256": "x",
    "balance": 2.0,
    "unfilled": 0,
}


@pytest.mark.parametrize(
    ("key", "value"), [("orders", 3), ("decisions_sha256", "other"), ("balance", 1.0), ("unfilled", 1)]
)
def test_any_difference_in_trading_is_named(project_root, key, value):
    assert faults(project_root, REPORT, REPORT) == []
    (fault,) = faults(project_root, REPORT, {**REPORT, "case": "b", key: value})
    assert key in fault


def test_cases_with_other_orders_must_only_decide_alike(project_root):
    other = {**REPORT, "case": "b", "management": "bracket", "orders": 4, "balance": 1.0}
    assert faults(project_root, REPORT, other) == []
    assert len(faults(project_root, REPORT, {**other, "decisions": 2})) == 1


PEER = {"case": "nautilus", "unfilled": 0, "made": [[5, 1], [9, -1], [12, 1]], "balance": 10.0}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"unfilled": 2}, "other: 2 orders are unfilled"),
        ({"made": [[5, 1], [8, -1], [11, 1]]}, "other: decision 2 leaves at bar 8, in nautilus it leaves at bar 9"),
        ({"made": [[5, 1], [9, 1], [12, 1]]}, "other: decision 2 enters at bar 9, in nautilus it leaves at bar 9"),
        ({"made": [[5, 1]]}, "other: decision 2 is missing, in nautilus it leaves at bar 9"),
        ({"made": [*PEER["made"], [15, -1]]}, "other: decision 4 leaves at bar 15, in nautilus it is missing"),
        ({"balance": 10.0 + 2 * TOLERANCE}, "other: ends with 10.002, nautilus with 10.0"),
    ],
)
def test_the_first_difference_of_a_peer_is_named(change, told):
    assert first_difference(PEER, {**PEER, "case": "other", **change}) == told


def test_peers_that_differ_by_the_rounding_of_sums_alone_traded_alike():
    assert first_difference(PEER, {**PEER, "made": [(5, 1), (9, -1), (12, 1)], "balance": 10.0 + TOLERANCE / 2}) is None


def test_no_speed_is_shown_of_peers_that_did_not_trade_alike(monkeypatch):
    monkeypatch.setattr(peers, "measure", lambda python, name, rule, bars: {**PEER, "case": name, "balance": len(name)})
    with pytest.raises(SystemExit, match=r"`many` .*\nfreqtrade: ends with 9, nautilus with 8$"):
        peers.compare({"nautilus": Path(), "freqtrade": Path(), "vectorbt": Path()}, "many", bars=1, repeat=1)


def test_a_peer_that_fails_is_named_with_what_it_said(project_root):
    with pytest.raises(SystemExit, match=r"(?s)nautilus failed:.*invalid choice: 'nonsense'"):
        peers.measure(Path(sys.executable), "nautilus", "nonsense", 1)


def test_a_peers_environment_is_made_once_for_what_it_must_hold(tmp_path):
    told: list[str] = []
    (tmp_path / "requirements.txt").write_text("peer==1\n")
    assert interpreter(tmp_path, ("peer==1",), told.append) == tmp_path / "bin" / "python"
    assert interpreter(tmp_path, (), told.append) == Path(sys.executable)
    assert told == []


def test_an_environment_that_cannot_be_made_is_said_to_be(tmp_path):
    told: list[str] = []
    with pytest.raises(SystemExit, match="no such thing=="):
        interpreter(tmp_path / "peer", ("no such thing==1",), told.append)
    assert told == [f"making {tmp_path / 'peer'}: pip install no such thing==1"]
    assert not (tmp_path / "peer" / "requirements.txt").exists()


@pytest.mark.slow
def test_peers_that_trade_alike_are_reported(project_root, tmp_path):
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks.peers", "--bars=3000", "--peer=sagetrade", f"--json={file}"]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    plain, chain = json.loads(file.read_text())["many"]
    assert (plain["case"], chain["case"]) == ("nautilus", "sagetrade")
    assert plain["decisions_sha256"] == chain["decisions_sha256"]
    assert chain["orders"] > plain["orders"] > 20
    assert "the whole chain" in done.stdout


@pytest.mark.slow
def test_the_kill_switchs_benchmark_stops_a_real_node(project_root):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill", "1", "1", "0"],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("from the stop to the last of 100 cancels sent") == 2
    assert "orders after a kill -9 around a stop and a restart: 0 in 1 restarts" in done.stdout


@pytest.mark.slow
def test_the_bots_benchmark_stops_a_real_node_and_accepts_no_attack(project_root):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bot", "1", "1"],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "accepted: 0/1282, the kill switch says running" in done.stdout
    assert done.stdout.count("/emergency_stop, in the calm:") == 1
    assert done.stdout.count("/pause, while the node refills its book:") == 1
