"""`sagetool backtest` as a user runs it: in its own process, on the bundled sample."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.cli.main import main
from sagetrade_nautilus.guard.journal import journal
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from tests.support.trade_log import trades_in

WEEK = """
name = "week"
[data]
instruments = ["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]
start = 2022-05-07
end = 2022-05-14
sample = true
catalog = "{catalog}"
[report]
bootstrap_samples = 100
[[strategies]]
plugin = "momentum_scalper"
[[strategies]]
plugin = "mean_reversion_scalper"
[[strategies]]
plugin = "news_quick_trade"
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("catalog")


def _sagetool(folder: Path, *words: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sagetrade_nautilus.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": seed, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _exit_code(monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
    monkeypatch.setattr(sys, "argv", ["sagetool", *words])
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code


def _config(folder: Path, catalog: Path, change: tuple[str, str] = ("", "")) -> Path:
    path = folder / "run.toml"
    text = WEEK.format(catalog=catalog)
    path.write_text(text.replace(*change) if change[0] else text)
    return path


def _report(folder: Path) -> Path:
    return next((folder / "runs").glob("*-*"))


def test_two_processes_write_the_same_bytes(tmp_path: Path, catalog: Path) -> None:
    contents = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        done = _sagetool(folder, "backtest", str(_config(folder, catalog)), seed=seed)
        assert done.returncode == 0, done.stderr
        contents.append({file.name: file.read_bytes() for file in _report(folder).iterdir()})
    assert contents[0].keys() >= {"report.html", "metrics.json", "trades.jsonl", "decisions.jsonl", "equity.csv"}
    for name, content in contents[0].items():
        assert content == contents[1][name], f"{name} differs between two runs"


def test_the_run_prints_tables_words_and_where_the_report_lies(tmp_path: Path, catalog: Path) -> None:
    done = _sagetool(tmp_path, "backtest", str(_config(tmp_path, catalog)))
    assert done.returncode == 0, done.stderr
    for expected in ("momentum_scalper", "mean_reversion_scalper", "news_quick_trade", "buy and hold", "fees"):
        assert expected in done.stdout
    assert "information coefficient" in done.stdout
    assert str(_report(tmp_path).name) in done.stdout


def test_every_trade_is_in_the_log_and_every_decision_in_the_journal(tmp_path: Path, catalog: Path) -> None:
    assert _sagetool(tmp_path, "backtest", str(_config(tmp_path, catalog)), "--quiet").returncode == 0
    trades = trades_in(_report(tmp_path) / "trades.jsonl")
    records = [
        record for record in journal.read(_report(tmp_path) / "decisions.jsonl") if isinstance(record, DecisionRecord)
    ]
    taken = {record.trade_id: record for record in records if record.verdict is Verdict.TAKEN}
    assert trades
    assert {trade.trade_id for trade in trades} <= taken.keys()
    for trade in trades:
        record = taken[trade.trade_id]
        assert record.strategy == trade.strategy
        assert record.side == trade.side
        assert record.expected_edge_bps > record.cost_bps
        assert record.signals
        assert record.reason
    assert any(record.verdict is Verdict.REFUSED_EDGE for record in records)
    first = msgspec.json.decode((_report(tmp_path) / "trades.jsonl").read_bytes().splitlines()[0])
    assert list(first) == [
        "trade_id",
        "timestamp",
        "symbol",
        "side",
        "size_pct",
        "entry_price",
        "exit_price",
        "duration_seconds",
        "strategy",
        "signals",
        "outcome",
        "pnl_pct",
    ]
    assert list(first["signals"][0]) == ["type", "score"]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (('name = "week"', 'nam = "week"'), 2, "unknown key `nam`"),
        (('"momentum_scalper"', '"no_such_plugin"'), 2, "there is no plugin 'no_such_plugin'"),
        (
            ('plugin = "momentum_scalper"', 'plugin = "momentum_scalper"\nparams = { min_mov = 1.0 }'),
            2,
            "unknown key `min_mov`",
        ),
        (
            ('plugin = "momentum_scalper"', 'plugin = "momentum_scalper"\nparams = { min_move = "x" }'),
            2,
            "min_move",
        ),
        (('"ETHUSDT.BINANCE"]', '"XRPUSDT.BINANCE"]'), 3, "XRPUSDT.BINANCE"),
        (('"ETHUSDT.BINANCE"]', '"ETHUSDT"]'), 2, "'ETHUSDT' is not SYMBOL.VENUE"),
        (("2022-05-14", "2022-12-14"), 3, "sagetool import bars"),
    ],
)
def test_bad_input_is_one_clear_message_and_leaves_nothing(
    tmp_path: Path,
    catalog: Path,
    change: tuple[str, str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _exit_code(monkeypatch, "backtest", str(_config(tmp_path, catalog, change))) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_missing_configuration_is_one_clear_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _exit_code(monkeypatch, "backtest", "nowhere.toml") == 2
    assert "nowhere.toml: no such file" in capsys.readouterr().err


BROKEN = """
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig


class BrokenConfig(SageStrategyConfig, frozen=True, kw_only=True):
    answer: str = "raise"


class Broken(SageStrategy[BrokenConfig]):
    def on_new_signal(self, signal):
        if self.config.answer == "raise":
            raise ValueError("out of ideas")
        return 42
"""


@pytest.mark.parametrize(
    ("answer", "said"),
    [("raise", "raised ValueError: out of ideas"), ("nonsense", "or None was expected, got 42")],
)
def test_a_plugin_of_ones_own_that_fails_is_named_and_leaves_nothing(
    tmp_path: Path, catalog: Path, answer: str, said: str
) -> None:
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "broken.py").write_text(BROKEN)
    entry = f'plugin = "broken"\nparams = {{ answer = "{answer}" }}'
    done = _sagetool(tmp_path, "backtest", str(_config(tmp_path, catalog, ('plugin = "momentum_scalper"', entry))))
    assert done.returncode == 4, done.stderr
    assert "strategy 'broken'" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("wait_s", [2.0, 7.0])
def test_ctrl_c_leaves_nothing_half_done(tmp_path: Path, catalog: Path, wait_s: float) -> None:
    config = _config(tmp_path, catalog, ("2022-05-07", "2022-01-01"))
    config.write_text(config.read_text().replace("2022-05-14", "2022-07-01"))
    running = subprocess.Popen(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "backtest", str(config)],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(wait_s)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert not (tmp_path / "runs").exists()


def test_help_and_version_answer(tmp_path: Path) -> None:
    assert "backtest" in _sagetool(tmp_path, "--help").stdout
    assert _sagetool(tmp_path, "--version").stdout.startswith("sagetool ")
