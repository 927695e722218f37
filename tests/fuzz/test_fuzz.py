"""Every parser and reader of files under attack: a valid value or the documented error, and nothing is damaged."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import __main__ as command
from tests.fuzz.mutations import inputs
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

NAMES = sorted(TARGETS)
EXAMPLES, EXAMPLES_SLOW = 50, 8
DEEPER = 20
"""How many times as many examples the slow version tries."""


def _attack(target: Target, examples: int) -> None:
    for seed in target.seeds:
        target.check(seed)

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def attack(data: st.DataObject) -> None:
        target.check(data.draw(inputs(target.seeds)))

    attack()


@pytest.mark.parametrize("name", NAMES)
def test_any_bytes_give_a_valid_value_or_the_documented_error(name: str) -> None:
    target = TARGETS[name]
    _attack(target, EXAMPLES_SLOW if target.slow else EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_more_bytes_give_a_valid_value_or_the_documented_error(name: str) -> None:
    target = TARGETS[name]
    _attack(target, DEEPER * (EXAMPLES_SLOW if target.slow else EXAMPLES))


def test_without_atheris_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert command.main(["latch", "--seconds", "1"]) == 2
    assert "sagetrade-nautilus[fuzz]" in capsys.readouterr().err
