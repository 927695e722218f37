"""In a run, a text counts by its age since publication, however long it was on its way."""

from pathlib import Path

import pytest

from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.model.readings import TextScore
from tests.support.attack_run import TEXT, AttackedRun, attacked, largest_change
from tests.support.attacks import HostileModel
from tests.support.engine import MINUTE, START

SEEN = START + 300 * MINUTE


def run(folder: Path, *ages_min: float) -> AttackedRun:
    """Return the run over texts that are seen at the same time, published so long before."""
    texts = [
        RawText(
            SEEN - round(age * MINUTE),
            SEEN,
            source="Wire",
            title="Bitcoin soars",
            body="",
            url="",
            first_seen_known=True,
        )
        for age in ages_min
    ]
    model = HostileModel(lambda asked: [TextScore(1.0, 1.0, "other", 0.3)])
    return attacked(folder, texts, model, strategies=False)


def test_the_influence_of_a_text_halves_with_each_half_life_that_it_was_on_its_way(tmp_path: Path) -> None:
    calm = run(tmp_path / "calm")
    fresh, older = (largest_change(run(tmp_path / str(age), age), calm) for age in (0.0, TEXT.half_life_min))
    assert fresh > 0.04
    assert older == pytest.approx(fresh / 2.0, rel=1e-6)


def test_beyond_the_age_that_is_allowed_it_has_none(tmp_path: Path) -> None:
    calm, late = run(tmp_path / "calm"), run(tmp_path / "late", TEXT.max_age_min + 0.001)
    assert largest_change(late, calm) == 0.0
    assert late.counts == {"stale": 1, "pending": 0}
    assert late.journal == calm.journal
