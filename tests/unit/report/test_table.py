import io

import msgspec
import pytest
from rich.console import Console

from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.report import metrics
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.table import show


@pytest.fixture(scope="module")
def figures(summary: RunSummary) -> Metrics:
    return metrics.compute(summary, 100, 7)


def _printed(figures: Metrics, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    show(figures, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_every_strategy_the_total_and_buying_and_holding_have_a_row(figures: Metrics) -> None:
    shown = _printed(figures, 130)
    for name in (*figures.per_strategy, "total", "buy and hold"):
        assert f"\n {name} " in shown
    assert "Sharpe" in shown
    assert "The run " in shown


@pytest.mark.parametrize("width", [80, 100, 130])
def test_no_figure_is_cut_off_at_any_usual_width(figures: Metrics, width: int) -> None:
    shown = _printed(figures, width)
    assert "…" not in shown
    assert max(len(line) for line in shown.splitlines()) <= width


def test_no_name_is_broken_over_two_lines_in_a_usual_terminal(figures: Metrics) -> None:
    renamed = msgspec.structs.replace(
        figures,
        per_strategy={"mean_reversion_scalper": figures.per_strategy["idle_strategy"]},
        strategy_regimes={},
    )
    assert "mean_reversion_scalper" in _printed(renamed, 80)


def test_a_name_with_markup_in_it_is_shown_as_it_is(figures: Metrics) -> None:
    renamed = msgspec.structs.replace(
        figures, per_strategy={"[bold red]x[/]": figures.per_strategy["idle_strategy"]}, strategy_regimes={}
    )
    assert "[bold red]x[/]" in _printed(renamed, 130)


def test_a_run_without_trades_and_signals_is_shown(idle_summary: RunSummary) -> None:
    idle = metrics.compute(msgspec.structs.replace(idle_summary, signals=()), 100, 7)
    assert "never traded" in _printed(idle, 100)
