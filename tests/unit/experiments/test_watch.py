"""What the watch over a canary says before it looks."""

from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.store import Store
from sagetrade_nautilus.experiments.watch import check


def test_an_experiment_that_is_not_there_is_not_said_to_be_on_its_way(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"there is no experiment exp-20260101-001.*experiment list"):
        check(Store(tmp_path), tmp_path, "exp-20260101-001", tmp_path / "canary", "", print, "main")
