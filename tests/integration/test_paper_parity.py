"""The same script on the same real bars in a backtest and in a node on the paper venue: the same fills."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.paper.fees import BpsFeeModel, BpsFeeModelConfig
from adapters.paper.fills import DepthFillModel, DepthFillModelConfig, FillContextModule
from tests.support.engine import engine
from tests.support.paper_script import BALANCE, Script, real_bars

MILLISECOND = 1_000_000


@pytest.mark.parametrize("latency_ms", [pytest.param(0.0, marks=pytest.mark.slow), 50.0])
def test_paper_fills_are_the_backtest_fills(tmp_path: Path, latency_ms: float) -> None:
    """Price, quantity, fee, side, position and time of every fill, and every other event, over 400 real bars."""
    bars = real_bars(tmp_path / "catalog")
    tested = Script()
    backtest = engine(
        tmp_path, guarded=False, balance=BALANCE, latency_ns=round(latency_ms * MILLISECOND),
        fill_model=DepthFillModel(DepthFillModelConfig()), fee_model=BpsFeeModel(BpsFeeModelConfig()),
        modules=[FillContextModule()], bar_adaptive_high_low_ordering=True, reject_stop_orders=False,
    )  # fmt: skip
    backtest.add_strategy(tested)
    backtest.add_data(bars)
    backtest.run(end=bars[-1].ts_init + 1_000_000_000)
    backtest.dispose()

    command = [sys.executable, "-m", "tests.support.paper_script", str(tmp_path / "catalog")]
    done = subprocess.run(
        [*command, str(tmp_path / "paper.sqlite"), str(latency_ms)], capture_output=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    played = json.loads(done.stdout.splitlines()[-1])

    fills = json.loads(json.dumps(tested.fills))
    assert len(fills) > 100
    assert {fill[1] for fill in fills} == {"MARKET", "LIMIT", "STOP_MARKET"}
    assert played["fills"] == fills
    # Nautilus cancels several orders of one position in the order of a set of ids, and an id holds the time of day.
    assert sorted(played["others"]) == sorted(json.loads(json.dumps(tested.others)))
    assert played["balance"] == tested.balance
