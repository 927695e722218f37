"""The comparison: a condition is shown as good only where it says that it holds."""

import pytest

from sagetrade_nautilus.experiments.delivery.comparison import _by_file, _condition
from sagetrade_nautilus.experiments.promotion.judge import PolicyCheck


@pytest.mark.parametrize(
    ("check", "tone"),
    [
        (PolicyCheck("trades", 120, 100, holds=True), "good"),
        (PolicyCheck("trades", 20, 100, holds=False), "bad"),
        (PolicyCheck("trades", None, 100, holds=False), "bad"),
        (
            PolicyCheck(
                "overfitting", None, 0.1, holds=True, at_least=False, inapplicable="none was chosen: so it holds"
            ),
            "",
        ),
    ],
)
def test_what_holds_is_good_what_does_not_is_bad_and_what_was_not_asked_is_neither(
    check: PolicyCheck, tone: str
) -> None:
    name, found, shown = _condition(str(check))
    assert (name, shown) == (check.name, tone)
    assert found in str(check)


def test_what_needs_a_person_names_each_file_once() -> None:
    lines = ["a.toml: limits.a: from 1 to 2", "Makefile: the checks", "a.toml: sizing.b: from x to y"]
    assert _by_file(lines) == {
        "a.toml": ["limits.a: from 1 to 2", "sizing.b: from x to y"],
        "Makefile": ["the checks"],
    }
    assert _by_file(["guard/gate/limits.py"]) == {"guard/gate/limits.py": [""]}
