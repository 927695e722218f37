"""The table of figures: what was counted of each run, and nothing that was not."""

import csv
import io

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.delivery.report import RESEARCH, WALKED, backtest_csv, read_csv
from sagetrade_nautilus.experiments.evaluation.figures import DailyFigures, RunFigures

RUN = RunFigures(sharpe=None, total_return=0.1, drawdown=0.02, trades=3, fees=1.5)
WINDOWS = DailyFigures(sharpe=1.5, total_return=0.2, drawdown=0.03)


def test_windows_that_were_put_together_have_no_trades_and_no_fees_that_nobody_counted() -> None:
    raw = backtest_csv({RESEARCH: (RUN, RUN), WALKED: (WINDOWS, WINDOWS)})
    rows = list(csv.DictReader(io.StringIO(raw.decode())))
    assert [row["figure"] for row in rows if row["run"] == WALKED] == ["sharpe", "total_return", "drawdown"]
    assert {"trades", "fees"} < {row["figure"] for row in rows if row["run"] == RESEARCH}


def test_a_table_is_read_as_it_was_written_and_one_with_trades_of_the_walk_forward_is_refused() -> None:
    pairs = {RESEARCH: (RUN, None), WALKED: (WINDOWS, WINDOWS)}
    assert read_csv(backtest_csv(pairs)) == pairs
    with pytest.raises(ExperimentError, match="not as it is written"):
        read_csv(backtest_csv(pairs) + b"walk-forward,trades,0,0\n")
