"""/experiments and /approve over a real book: what was measured, and what a signature would be of."""

from pathlib import Path

import pytest

from tests.support.bot import OWNER, TRADER, Bot
from tests.support.proposal import CONFIG, proposed, small_repository

FILES = {"configs/other.toml": "one = 1\n"}
MARKS = dict.fromkeys(map(ord, "\u2066\u2068\u2069\u200f"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Sharpe ratio: <b>0.80 → 1.05</b>", "Return: <b>+12.0% → +18.0%</b>", "with your own key")),
        ("ar", ("نسبة شارب: <b>من 0.80 إلى 1.05</b>", "العائد: <b>من +12.0% إلى +18.0%</b>", "موصى بها", "بمفتاحك")),
    ],
)  # fmt: skip
def test_an_approval_is_shown_with_what_it_would_be_of_and_how_it_is_signed(
    tmp_path: Path, language: str, said: tuple[str, ...]
) -> None:
    _, experiment = proposed(small_repository(tmp_path), FILES)
    bot = Bot(tmp_path, language=language)
    text = bot.say(f"/approve {experiment.id}").translate(MARKS)
    for part in (*said, experiment.proposal, experiment.branch, experiment.base, "increase sharpe by +0.2"):
        assert part in text
    assert f"sagetool experiment approve {experiment.id} --config {CONFIG}" in text
    assert bot.say(f"/experiments {experiment.id}").translate(MARKS) == text
    assert bot.notes == []


def test_experiments_are_listed_and_tapped(tmp_path: Path) -> None:
    root = small_repository(tmp_path)
    _, experiment = proposed(root, FILES)
    (root / "experiments" / "exp-20261126-002").mkdir()
    (root / "experiments" / "exp-20261126-002" / "experiment.json").write_text("{")
    bot = Bot(tmp_path)
    said = bot.say("/experiments", TRADER)
    assert f"{experiment.id}</code>: \u2068deep dips\u2069 (recommended)" in said
    assert "its files are damaged" in said
    assert "commit" in bot.tap(f"r:experiments {experiment.id}")[-1].text  # type: ignore[union-attr]


def test_what_was_rejected_waits_for_no_approval(tmp_path: Path) -> None:
    _, experiment = proposed(small_repository(tmp_path), FILES, recommended=False)
    said = Bot(tmp_path).say(f"/approve {experiment.id}", OWNER)
    assert "does not wait for an approval" in said
    assert "sagetool" not in said


@pytest.mark.parametrize("words", ["/approve", "/approve exp-20260101-001", "/experiments ../../etc"])
def test_an_experiment_that_is_not_there_is_not_shown(tmp_path: Path, words: str) -> None:
    assert "/experiments names them" in Bot(tmp_path).say(words)
