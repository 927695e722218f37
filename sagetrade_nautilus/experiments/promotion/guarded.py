"""What a proposal touches that only people change: by path, and by what the run's configuration comes to. Pure.

Whatever is not known to be harmless needs a person, so a path that nobody thought of does too.
"""

import re
from collections.abc import Iterable
from typing import Final

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.experiments.evaluation.variants import CANARY_OF, Scalar, difference

HARMLESS: Final = re.compile(
    r"strategies/[a-z][a-z0-9_]*\.py"
    r"|configs/[A-Za-z0-9_-]+\.toml"
    r"|tests/unit/(strategies|model|quant|nlp)/([A-Za-z0-9_]+/)*test_[A-Za-z0-9_]+\.py"
    r"|docs/[A-Za-z0-9_/-]+\.(md|svg|png)"
    r"|proposals/exp-\d{8}-\d{3}/[A-Za-z0-9_.-]+"
    r"|sagetrade_nautilus/(quant|nlp)/[a-z0-9_]+\.py"
    r"|sagetrade_nautilus/model/(aggregation|features|indicators|quant|regime|rolling)\.py"
    r"|sagetrade_nautilus/model/text/[a-z0-9_]+\.py"
)
"""Decision logic, signals, runs (held by `effects`), tests and words."""
MEANING: Final = {
    r"AI_POLICY\.md|approvals/": "the policy or who may approve",
    r"\.github/|\.ci/|scripts/|Makefile|\.pre-commit-config\.yaml": "the checks that enforce the policy",
    r"tests/(.+/)?conftest\.py": "what all tests go by",
    r"pyproject\.toml|constraints\.txt": "what is installed",
    r"config/|sagetrade_nautilus/secrets\.py": "secrets",
    r"sagetrade_nautilus/guard/": "the guard, its limits or the kill switch",
    r"sagetrade_nautilus/governance/|sagetrade_nautilus/experiments/": "the gates themselves",
    r"sagetrade_nautilus/model/sizing\.py|sagetrade_nautilus/(account|strategy)\.py": "money",
}
MONEY: Final = (
    *("sizing.", "limits.", "breaker.", "canary.", "execution.", "node."),
    *("data.", "venue.", "costs.", "promotion.", "pool.", "experiments.", "llm."),
)
"""The sections whose every value is money at work, a limit, or what the gate itself goes by."""
SIZES: Final = re.compile(
    r"strategies\.[^.]+\.(params\.[a-z_]*size[a-z_]*|instruments.*)|selector\.rules\.\d+\.shares\..+"
)


def paths(changed: Iterable[str]) -> list[str]:
    """Return why these changed paths need a person, one line each; nothing if they do not."""
    return [f"{path}: {_meaning(path)}" for path in sorted(changed) if HARMLESS.fullmatch(path) is None]


def effects(before: RunConfig, after: RunConfig) -> list[str]:
    """Return what a changed configuration comes to that needs a person, one line each.

    Every change of money, limits or policy does; of sizes and shares, those that are not smaller than before. That a
    run becomes a canary, where it was none, makes it smaller.
    """
    return [
        f"{path}: from {old} to {new}"
        for path, (old, new) in difference(before, after).items()
        if old != new
        and not (path == CANARY_OF and old == "")
        and (path.startswith(MONEY) or (SIZES.fullmatch(path) and not _smaller(old, new)))
    ]


def _smaller(old: Scalar, new: Scalar) -> bool:
    """Whether a size or share shrinks; what is new or left out is as large as its plugin likes."""
    if isinstance(old, int | float) and isinstance(new, int | float):
        return new <= old
    return False


def _meaning(path: str) -> str:
    return next(
        (what for known, what in MEANING.items() if re.match(known, path)), "nothing that is known to be harmless"
    )
