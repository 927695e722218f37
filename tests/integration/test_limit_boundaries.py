"""Every threshold, at it and one step to either side, on cash and margin accounts and at a venue of another account."""

from pathlib import Path

import pytest

from tests.support.boundary import Case, cases, probe


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{number}-{case.name}") for number, case in enumerate(cases())]
)
def test_every_verdict_is_right_to_the_last_step(tmp_path: Path, case: Case) -> None:
    assert [verdict for verdict in probe(case, tmp_path) if verdict.is_wrong] == []
