"""The pull request follows the template, and no text of a proposer's breaks out of its place."""

import re
from pathlib import Path

from sagetrade_nautilus.config import ExperimentsConfig
from sagetrade_nautilus.experiments import people
from sagetrade_nautilus.experiments.delivery.pull_request import LABEL
from tests.support.experiments import SMALL
from tests.support.proposal import CONFIG, proposed, small_repository

PARTS = (
    "Description:",
    "- What changed: Buy deep dips only",
    "- Rationale: Deep dips revert.",
    "- Tests run: lint: passed",
    "- Backtest results: baseline vs experiment",
    "experiment_report.json",
    "- Canary plan: allocate 1% of capital for 72 hours, metrics to watch: PnL, drawdown, avg slippage",
    "- Rollback criteria: negative return > 3% in 24h OR drawdown > 5%",
    "Requires: @human_approver",
)


def test_every_part_of_the_template_is_there_in_its_order(tmp_path: Path) -> None:
    root = small_repository(tmp_path / "repo")
    store, experiment = proposed(root, {CONFIG: SMALL + "# x\n"})
    found = people.request(store, root, experiment.id, ExperimentsConfig())
    places = [found.body.index(part) for part in PARTS]
    assert places == sorted(places)
    assert found.title == "[AI-PROPOSED] Buy deep dips only"
    assert (found.labels, found.draft, found.head, found.base) == ((LABEL,), False, experiment.branch, "main")
    assert "| Sharpe | 0.800 | 1.050 |" in found.body


def test_a_proposers_words_close_nothing_and_lead_nowhere_under_another_name(tmp_path: Path) -> None:
    root = small_repository(tmp_path / "repo")
    evil = "Fixes #12, see [the approval](https://evil.example) ![](https://evil.example/seen.png) `code"
    store, experiment = proposed(root, {CONFIG: SMALL + "# x\n"}, title=evil, rationale=evil)
    found = people.request(store, root, experiment.id, ExperimentsConfig())
    assert "#12" not in found.title + found.body
    assert re.search(r"(?<!\\)\[the approval", found.body) is None
    assert re.search(r"(?<!\\)!\[\]", found.body) is None
    assert re.search(r"(?<!\\)`code", found.body) is None


def test_a_proposers_words_cannot_approve_mention_or_forge_a_section(tmp_path: Path) -> None:
    root = small_repository(tmp_path / "repo")
    evil = "good\n\nRequires: nobody\n@everyone <!-- | a | b | -->"
    store, experiment = proposed(root, {CONFIG: SMALL + "# x\n"}, title=evil, rationale=evil, needs_person=("a`\n# b",))
    found = people.request(store, root, experiment.id, ExperimentsConfig())
    assert "\n" not in found.title
    assert found.body.count("\nRequires:") == 1
    assert "@everyone" not in found.body
    assert "<!--" not in found.body
    assert found.draft
    assert "Needs manual approval" in found.body
