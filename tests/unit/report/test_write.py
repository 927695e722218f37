import csv
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus import config as configuration
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.report import html, metrics, swap, trade_log, write
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.write import write_report

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def config(project_root: Path) -> RunConfig:
    return configuration.load(project_root / "configs" / "demo.toml")


@pytest.fixture(scope="module")
def run(summary: RunSummary, config: RunConfig) -> RunSummary:
    return replace(summary, config_digest=config.digest)


@pytest.fixture(scope="module")
def figures(run: RunSummary) -> Metrics:
    return metrics.compute(run, 100, 7)


def _content(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def test_a_report_has_its_own_directory_named_after_run_and_configuration(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    made = write_report(run, config, tmp_path / "runs", figures=figures)
    assert made == tmp_path / "runs" / f"demo-{config.digest[:8]}"
    assert set(_content(made)) == {"report.html", "metrics.json", "trades.jsonl", "equity.csv", "config.json"}
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_the_configuration_beside_the_report_hashes_to_its_digest(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    made = write_report(run, config, tmp_path, figures=figures)
    assert sha256((made / "config.json").read_bytes()).hexdigest() == config.digest


def test_two_runs_leave_the_same_bytes(run: RunSummary, config: RunConfig, tmp_path: Path) -> None:
    first, second = (write_report(run, config, tmp_path / name) for name in "ab")
    assert _content(first) == _content(second)


def test_the_equity_of_a_small_account_is_kept_as_exactly_as_that_of_a_large_one(
    run: RunSummary, config: RunConfig, tmp_path: Path
) -> None:
    """An account of one hundredth of a bitcoin: four decimals would be steps of one percent."""
    scale = 0.01 / run.starting_balance
    small = replace(
        run,
        starting_balance=0.01,
        final_balance=0.01 + scale * (run.final_balance - run.starting_balance),
        open_pnl=scale * run.open_pnl,
        currency="BTC",
        fills=tuple(
            replace(fill, quantity=scale * fill.quantity, commission=scale * fill.commission) for fill in run.fills
        ),
        round_trips=(),
    )
    for one, folder in ((run, "large"), (small, "small")):
        write_report(one, config, tmp_path / folder)
    curves = []
    for folder, start in (("large", run.starting_balance), ("small", 0.01)):
        (made,) = (tmp_path / folder).iterdir()
        rows = csv.DictReader((made / "equity.csv").read_text().splitlines())
        curves.append([float(row["equity"]) / start for row in rows])
    assert curves[1] == pytest.approx(curves[0], abs=1e-8)


def test_the_equity_file_ends_at_the_final_equity(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    made = write_report(run, config, tmp_path, figures=figures)
    rows = list(csv.DictReader((made / "equity.csv").read_text().splitlines()))
    assert len(rows) == run.prices[0].ts.size
    assert float(rows[-1]["equity"]) == pytest.approx(run.final_balance, abs=1e-3)
    assert rows[0]["timestamp"] == "2022-01-01T00:05:00Z"
    parts = sum(float(rows[-1][f"pnl_{name}"]) for name in run.strategies)
    assert parts == pytest.approx(figures.total.net_pnl, abs=1e-3)


def test_a_new_report_replaces_the_old_one_and_all_its_files(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    made = write_report(run, config, tmp_path, figures=figures)
    (made / "stale.txt").write_text("old")
    (made / "report.html").write_text("old")
    write_report(run, config, tmp_path, figures=figures)
    assert "stale.txt" not in _content(made)
    assert len(_content(made)["report.html"]) > 10_000
    assert [path.name for path in tmp_path.iterdir()] == [made.name]


def test_further_files_move_into_the_report(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    journal = tmp_path / "journal.tmp"
    journal.write_bytes(b"refused\n")
    made = write_report(run, config, tmp_path / "runs", figures=figures, extra_files={"journal.jsonl": journal})
    assert (made / "journal.jsonl").read_bytes() == b"refused\n"
    assert not journal.exists()


@pytest.mark.parametrize("name", ["report.html", "../escape", "a/b", "", ".", ".."])
def test_a_further_file_can_neither_replace_nor_leave_the_report(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path, name: str
) -> None:
    source = tmp_path / "x"
    source.touch()
    with pytest.raises(ReportError, match="further file"):
        write_report(run, config, tmp_path / "runs", figures=figures, extra_files={name: source})
    assert source.exists()


def test_a_further_file_that_is_missing_is_named(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match="journal"):
        write_report(run, config, tmp_path, figures=figures, extra_files={"j": tmp_path / "journal"})


@pytest.mark.parametrize(
    ("module", "function", "older"),
    [
        (module, function, older)
        for module, function in ((metrics, "write"), (trade_log, "write"), (write, "_sync"), (swap, "_exchange"))
        for older in (True, False)
        if older or function != "_exchange"
    ],
)
def test_a_failure_at_any_step_leaves_the_older_report_and_no_rest(
    run: RunSummary,
    config: RunConfig,
    figures: Metrics,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    function: str,
    older: bool,
) -> None:
    runs, journal = tmp_path / "runs", tmp_path / "journal"
    journal.touch()
    runs.mkdir()
    before = _content(write_report(run, config, runs, figures=figures)) if older else {}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, function, fail)
    with pytest.raises(ReportError, match="No space left"):
        write_report(run, config, runs, figures=figures, extra_files={"journal.jsonl": journal})
    assert journal.exists()
    left = list(runs.iterdir())
    assert len(left) == int(older)
    assert not older or _content(left[0]) == before


def test_an_interrupt_leaves_no_rest(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trade_log, "write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_report(run, config, tmp_path, figures=figures)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_drawn_leaves_nothing(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(run, config, tmp_path / "runs", figures=figures)
    assert not (tmp_path / "runs").exists()


def test_figures_that_contradict_the_account_are_never_written_even_if_they_are_given(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path
) -> None:
    wrong = replace(run, final_balance=run.final_balance + 1.0)
    with pytest.raises(ReportError, match="the account reports"):
        write_report(wrong, config, tmp_path / "runs", figures=figures)
    assert not (tmp_path / "runs").exists()


def test_another_configuration_than_the_runs_is_refused(summary: RunSummary, config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="another configuration"):
        write_report(summary, config, tmp_path)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_directory_is_never_replaced(
    run: RunSummary, config: RunConfig, figures: Metrics, tmp_path: Path, kind: str
) -> None:
    final = tmp_path / f"demo-{config.digest[:8]}"
    final.touch() if kind == "file" else final.symlink_to(tmp_path)
    with pytest.raises(ReportError, match="not a directory"):
        write_report(run, config, tmp_path, figures=figures)
    assert final.is_symlink() if kind == "link" else final.is_file()
