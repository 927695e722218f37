"""What a node's metrics say of experiments: those that wait, and those that broke their canary."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.experiments.counts import by_state
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.store import FILE, ExperimentStore
from sagetrade_nautilus.model.canary import Canary


def keep(root: Path, number: int, state: ExperimentState, canary: bytes | None = None) -> Experiment:
    kept = Experiment(
        id=f"exp-20260101-{number:03d}",
        name="deep dips",
        hypothesis="increase sharpe by +0.2",
        proposer="optuna",
        config="configs/small.toml",
        base="0" * 40,
        seed=7,
        created_at="2026-01-01T00:00:00Z",
        state=state,
    )
    store = ExperimentStore(root / "experiments")
    store.folder(kept.id).mkdir(parents=True)
    store.save(kept)
    (root / "canary").mkdir(exist_ok=True)
    if canary is not None:
        (root / "canary" / f"{kept.id}.json").write_bytes(canary)
    return kept


def canary(*reasons: str) -> bytes:
    return msgspec.json.encode(Canary(experiment="exp-20260101-001", start=1.0, allocated=0.01, reasons=reasons))


def counted(root: Path) -> dict[str, int]:
    return by_state(str(root / "experiments"), str(root))


def test_where_there_are_none_none_are_counted(tmp_path: Path) -> None:
    assert counted(tmp_path) == {"active": 0, "regressed": 0}


def test_those_that_wait_for_something_are_active(tmp_path: Path) -> None:
    for number, state in enumerate(ExperimentState, start=1):
        keep(tmp_path, number, state)
    assert counted(tmp_path) == {"active": 6, "regressed": 0}


@pytest.mark.parametrize(
    ("state", "kept", "regressed"),
    [
        (ExperimentState.MERGED, canary("it lost"), 1),
        (ExperimentState.APPROVED, canary("it lost"), 1),
        (ExperimentState.MERGED, canary(), 0),
        (ExperimentState.MERGED, None, 0),
        (ExperimentState.ROLLED_BACK, canary("it lost"), 0),
        (ExperimentState.MERGED, b"{", 1),
    ],
)
def test_a_change_that_may_trade_and_broke_its_canary_has_regressed(
    tmp_path: Path, state: ExperimentState, kept: bytes | None, regressed: int
) -> None:
    keep(tmp_path, 1, state, kept)
    assert counted(tmp_path)["regressed"] == regressed


def test_what_cannot_be_read_counts_as_both(tmp_path: Path) -> None:
    kept = keep(tmp_path, 1, ExperimentState.REJECTED)
    (tmp_path / "experiments" / kept.id / FILE).write_bytes(b"{")
    assert counted(tmp_path) == {"active": 1, "regressed": 1}
