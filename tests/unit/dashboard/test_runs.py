"""Runs on the disk as the page shows them: figures of the report, curves, comparison, and what is broken."""

import os
from pathlib import Path
from shutil import copytree

import msgspec
import numpy as np
import pytest

from sagetrade_nautilus import config as configuration
from sagetrade_nautilus.dashboard.curves import read_equity
from sagetrade_nautilus.dashboard.places import Runs, places, run_config
from sagetrade_nautilus.dashboard.runs import Curves, compared, row, run_view, unlike
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.report.metrics import compute
from sagetrade_nautilus.report.write import write_report
from tests.support.run_summary import build_summary


@pytest.fixture(scope="module")
def made(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one report."""
    config = configuration.load(project_root / "configs" / "demo.toml")
    summary = msgspec.structs.replace(build_summary(days=14, trades=30), config_digest=config.digest)
    folder = tmp_path_factory.mktemp("made") / "runs"
    write_report(summary, config, folder, figures=compute(summary, 100, 7))
    return folder


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(copytree(made, tmp_path / "runs"))


def only(root: Path) -> Path:
    return next(path for path in root.iterdir())


def test_no_folder_holds_no_run(tmp_path: Path) -> None:
    assert Runs(tmp_path / "none").all() == []
    assert places(tmp_path / "none") == []


def test_a_run_is_found_also_below_its_runner_and_hidden_folders_are_not(root: Path) -> None:
    name = only(root).name
    copytree(only(root), root / "replay" / name)
    copytree(only(root), root / f".{name}-half")
    assert {run.id for run in Runs(root).all()} == {name, f"replay/{name}"}


def test_a_folder_whose_name_is_no_text_is_left_alone(root: Path) -> None:
    copytree(only(root), root / os.fsdecode(b"strange-\xff"))
    msgspec.json.encode([row(run) for run in Runs(root).all()])
    assert len(Runs(root).all()) == 1


def test_a_node_in_the_folder_itself_and_one_of_the_same_name_below_are_two(tmp_path: Path) -> None:
    root = tmp_path / "state"
    for folder in (root, root / "state"):
        folder.mkdir(parents=True)
        (folder / "latch.json").touch()
    assert [place.id for place in places(root)] == ["state/", "state"]


@pytest.mark.parametrize("wanted", ["..", "../runs", "/etc", ".", "", "replay", "nonsense"])
def test_a_run_is_looked_up_among_those_found_and_never_made_a_path(root: Path, wanted: str) -> None:
    assert Runs(root).get(wanted) is None


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff\xfe", b'{"name": "x"}'])
def test_a_run_whose_figures_are_broken_says_so(root: Path, raw: bytes) -> None:
    runs = Runs(root)
    assert row(runs.all()[0]).fault == ""
    (only(root) / "metrics.json").write_bytes(raw)
    shown = row(runs.all()[0])
    assert shown.total is None
    assert shown.fault.startswith("metrics.json: ")


def test_the_figures_are_those_of_the_report(root: Path) -> None:
    (run,) = Runs(root).all()
    assert run.metrics is not None
    shown = run_view(run, run.metrics, Curves())
    assert shown.total is run.metrics.total
    assert shown.has_report
    assert not any(line.text.startswith(f"{line.topic} ") for line in shown.sentences)
    assert shown.charts is not None
    assert [line.name for line in shown.charts.equity.lines] == ["chart.held", "chart.equity"]


def test_the_deepest_point_of_the_drawn_drawdown_is_the_report_s(root: Path) -> None:
    (run,) = Runs(root).all()
    assert run.metrics is not None
    charts = run_view(run, run.metrics, Curves()).charts
    assert charts is not None
    drawn = msgspec.json.decode(charts.drawdown.data)["series"][0]["v"]
    # The drawn curve keeps every spike; what the pointer reads is a sample of it.
    assert min(drawn) >= -run.metrics.total.max_drawdown_pct - 0.01
    lowest = max(float(point.split()[1]) for point in charts.drawdown.lines[0].path[1:].split("L"))
    low, high = (msgspec.json.decode(charts.drawdown.data)[side] for side in ("low", "high"))
    assert high - lowest / 1_000 * (high - low) == pytest.approx(-run.metrics.total.max_drawdown_pct, abs=0.01)


def test_a_year_of_bars_is_few_points(root: Path) -> None:
    (run,) = Runs(root).all()
    assert run.metrics is not None
    assert len(msgspec.json.encode(run_view(run, run.metrics, Curves()))) < 300_000


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"timestamp,equity\n",
        b"timestamp,equity,buy_and_hold\nx,y,z\n",
        b"timestamp,equity,buy_and_hold\n2022-01-01T00:05:00Z,\x001.5,1\n",
        b"timestamp,equity,buy_and_hold\n2022-01-01T00:05:00Z,nan,1\n",
    ],
)
def test_a_broken_curve_is_told_and_the_figures_stay(root: Path, raw: bytes) -> None:
    (only(root) / "equity.csv").write_bytes(raw)
    with pytest.raises(DataError):
        read_equity(only(root) / "equity.csv")
    (run,) = Runs(root).all()
    assert run.metrics is not None
    shown = run_view(run, run.metrics, Curves())
    assert shown.charts is None
    assert "equity.csv" in shown.charts_fault


def test_the_curve_is_read_as_it_was_written(root: Path) -> None:
    curve = read_equity(only(root) / "equity.csv")
    assert curve.equity.size == curve.ts.size == 14 * 288
    assert (np.diff(curve.ts) == 300_000_000_000).all()


def test_runs_are_compared_with_the_first_and_what_is_missing_is_named(root: Path) -> None:
    copytree(only(root), root / "again")
    runs = {run.id: run for run in Runs(root).all()}
    shown = compared(["again", "none", *(name for name in runs if name != "again")], runs, Curves())
    assert shown.rows[0].id == "again"
    assert shown.missing == ["none"]
    assert shown.unlike == []
    assert shown.chart is not None
    assert len(shown.chart.lines) == 2
    assert compared([], runs, Curves()).chart is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"end": "2022-03-01T00:00:00Z", "data_fingerprint": "other"}, ["period"]),
        ({"data_fingerprint": "other"}, ["data"]),
        ({"currency": "EUR"}, ["currency"]),
        ({"starting_balance": 1.0}, ["balance"]),
    ],
)
def test_in_what_two_runs_are_not_alike_is_said(root: Path, changes: dict[str, object], said: list[str]) -> None:
    (run,) = Runs(root).all()
    assert run.metrics is not None
    assert unlike([run.metrics, run.metrics, msgspec.structs.replace(run.metrics, **changes)]) == said


def test_other_markets_and_costs_are_not_alike(root: Path) -> None:
    (run,) = Runs(root).all()
    found = run.metrics
    assert found is not None
    replace = msgspec.structs.replace
    market = replace(found, benchmark=replace(found.benchmark, symbols=("SOLUSDT",)), data_fingerprint="other")
    dear = replace(found, costs=replace(found.costs, assumed=replace(found.costs.assumed, taker_fee_bps=99.0)))
    assert unlike([found, market]) == ["markets"]
    assert unlike([found, dear]) == ["costs"]
    assert unlike([]) == []


def test_the_configuration_of_a_run_can_be_had_and_a_strange_one_is_none(root: Path) -> None:
    (run,) = Runs(root).all()
    found = run_config(run)
    assert found is not None
    assert found.name == "demo"
    (only(root) / "config.json").write_bytes(b'{"a": 1}')
    assert run_config(run) is None
