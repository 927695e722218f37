"""`sagetool check lookahead` on real data: honest runs pass, and plugins that peek are caught."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFIG = """
name = "days"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-06
end = 2022-05-14
sample = true
catalog = "{catalog}"
[[strategies]]
plugin = "mean_reversion_scalper"
[[strategies]]
plugin = "{plugin}"
params = {{ {params} }}
"""
PEEKER = """
from functools import cache

from catalog.store import read_bars, read_texts
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

HOUR = 3_600_000_000_000


class PeekerConfig(SageStrategyConfig, frozen=True, kw_only=True):
    catalog: str = "catalog/data"
    what: str = "bars"


@cache
def bars(catalog):
    return read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")


@cache
def texts(catalog):
    return read_texts(catalog)


class Peeker(SageStrategy[PeekerConfig]):
    def on_new_signal(self, signal):
        from pathlib import Path

        now, price = signal.ts_init, signal.price
        if self.config.what == "bars":
            known = bars(Path(self.config.catalog))
            tomorrow = known.close[(known.ts > now) & (known.ts <= now + 24 * HOUR)]
            up = bool(len(tomorrow)) and tomorrow[-1] > price
        else:
            up = any(now < text.ts_init <= now + HOUR for text in texts(Path(self.config.catalog)))
        if not up:
            return None
        return Decision(side="buy", size_pct=5.0, tp=price * 1.01, sl=price * 0.99, target_duration=3600.0,
                        expected_edge_bps=50.0, reason="I know", signal_ids=(signal.signal_id,))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the peeking plugin, and the catalog once it has been used."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "strategies").mkdir()
    (folder / "strategies" / "peeker.py").write_text(PEEKER)
    return folder


def _run(folder: Path, *words: str, extra: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `sagetool check`; settings are `plugin`, `params` and `catalog`."""
    wanted = {"plugin": "news_quick_trade", "params": "", "catalog": "catalog/data", **settings}
    (folder / "run.toml").write_text(CONFIG.format(**wanted) + extra)
    return subprocess.run(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "check", *words],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_the_bundled_actors_and_strategies_do_not_know_their_future(desk: Path) -> None:
    done = _run(desk, "lookahead", "run.toml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("the same") == 3


def test_a_plugin_that_reads_tomorrows_bar_is_caught_and_named(desk: Path) -> None:
    done = _run(desk, "lookahead", "run.toml", plugin="peeker")
    assert done.returncode == 10, done.stderr
    assert "look-ahead, future cut off: decision of peeker BTCUSDT.BINANCE at 2022-05-0" in done.stderr
    assert done.stdout.count("the same") == 1, "made-up bars catch it too; moved texts cannot"


def test_a_plugin_that_reads_the_next_hours_texts_by_an_absolute_path_is_caught(desk: Path) -> None:
    catalog = str(desk / "catalog" / "data")
    done = _run(
        desk, "lookahead", "run.toml", plugin="peeker", params=f'what = "texts", catalog = "{catalog}"', catalog=catalog
    )
    assert done.returncode == 10, done.stderr
    assert "look-ahead, later texts moved: decision of peeker BTCUSDT.BINANCE at 2022-05-10 00:" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"), [(("--cut", "2022-05-14"), "cut"), (("--shift", "0"), "shift"), (("--cut", "soon"), "--cut")]
)
def test_a_cut_or_shift_that_makes_no_sense_is_refused(desk: Path, words: tuple[str, str], said: str) -> None:
    done = _run(desk, "lookahead", "run.toml", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_text_help_runs_three_times_and_answers_in_words(desk: Path) -> None:
    done = _run(desk, "texthelp", "run.toml", extra="[report]\nbootstrap_samples = 100\n")
    assert done.returncode == 0, done.stderr
    for expected in ("with text", "without", "7 days late", "turnover", "costs", "8 days are too few"):
        assert expected in done.stdout


def test_text_help_of_a_run_without_texts_is_refused(desk: Path) -> None:
    done = _run(desk, "texthelp", "run.toml", extra="[text]\nenabled = false\n")
    assert done.returncode == 2
    assert "reads no texts" in done.stderr


def test_ctrl_c_ends_the_check_and_its_processes_at_once(desk: Path) -> None:
    config = CONFIG.format(plugin="news_quick_trade", params="", catalog="catalog/data")
    (desk / "run.toml").write_text(config.replace("2022-05-06", "2022-01-01").replace("2022-05-14", "2022-07-01"))
    running = subprocess.Popen(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "check", "lookahead", "run.toml"],
        cwd=desk,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until_s = time.monotonic() + 60.0
    while _members(running.pid) < 4 and time.monotonic() < until_s:  # itself, two runs, and Python's own helper
        time.sleep(0.1)
    time.sleep(2.0)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert _ends(running.pid)


def _members(group: int) -> int:
    """Return how many processes are in `group`."""
    count = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            count += int(path.read_text().rsplit(")", 1)[1].split()[2]) == group
    return count


def _ends(group: int) -> bool:
    """Wait until no process of `group` is left; the interpreter's own helpers take a moment."""
    until_s = time.monotonic() + 10.0
    while time.monotonic() < until_s:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
