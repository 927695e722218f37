"""Both languages say the same things: one set of keys, one set of values in each, and no number of their own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import sagetrade_nautilus.bot
from sagetrade_nautilus.bot.notices.notice import Kind
from sagetrade_nautilus.bot.words.say import LANGUAGES, catalogue, say
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.breaker import standings as breaker_standings
from sagetrade_nautilus.guard.breaker.circuit import MEMORY_LOST
from sagetrade_nautilus.guard.controller import CLOCK_STEP
from sagetrade_nautilus.guard.gate.limits import standard_limits
from sagetrade_nautilus.guard.gate.limits.base import Ceiling
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import Verdict
from sagetrade_nautilus.model.readings import Regime

OURS = frozenset(key for key in catalogue("en") if key.startswith(("advisor.", "notice.")))


def fields(language: str, key: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(catalogue(language)[key]) if name}  # type: ignore[arg-type]


def test_no_key_is_missing_in_either_language() -> None:
    assert catalogue("en").keys() == catalogue("ar").keys()


@pytest.mark.parametrize("key", sorted(OURS))
def test_a_message_names_the_same_values_in_both_languages(key: str) -> None:
    assert fields("en", key) == fields("ar", key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_holds_a_number_of_its_own(language: str) -> None:
    """Every digit that a person reads comes from a fact."""
    for key in OURS:
        assert not re.search(r"\d", catalogue(language)[key]), key  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_verdict_regime_kind_and_limit_has_its_words(language: str) -> None:
    wanted = [f"advisor.state.{state.value}" for state in State]
    wanted += [f"advisor.decided.{verdict.value}" for verdict in Verdict]
    wanted += [f"advisor.verdicts.{verdict.value}" for verdict in Verdict]
    wanted += [f"regime.{regime.value}" for regime in Regime]
    wanted += [f"notice.count.{kind.value}" for kind in Kind]
    shown = [limit for limit in standard_limits(LimitConfig()) if isinstance(limit, Ceiling) and not limit.of_order]
    wanted += [f"limit.{limit.name}" for limit in shown]
    wanted += [f"limit.{standing.limit}" for standing in breaker_standings(Memory(), LimitConfig())]
    wanted += [f"limit.{CLOCK_STEP}", f"limit.{MEMORY_LOST}"]
    assert set(wanted) <= set(catalogue(language))  # type: ignore[arg-type]


def test_values_in_an_arabic_sentence_keep_their_own_direction() -> None:
    said = say("ar", "advisor.verdict.flat", name="BTCUSDT")
    assert said.startswith("\u2068BTCUSDT\u2069")


def test_a_value_is_never_looked_at_again() -> None:
    assert "{name.__class__}" in say("en", "advisor.verdict.flat", name="{name.__class__}")


def test_every_message_that_the_code_names_is_there() -> None:
    """A key is named in full, or by its beginning where its end is a value."""
    named = set(_named())
    assert len(named) > 50
    begun = [key for key in named - set(catalogue("en")) if key.endswith((".", "_"))]
    assert named - set(catalogue("en")) - set(begun) == set()
    assert all(any(key.startswith(beginning) for key in set(catalogue("en"))) for beginning in begun)


def _named() -> Iterator[str]:
    for path in Path(sagetrade_nautilus.bot.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            ours = isinstance(node.func, ast.Attribute) and node.func.attr == "text" and node.args
            plain = isinstance(node.func, ast.Name) and node.func.id == "say" and len(node.args) > 1
            if not (ours or plain):
                continue
            key = _beginning(node.args[0 if ours else 1])
            if key:
                yield f"advisor.{key}" if ours else key


def _beginning(argument: ast.expr) -> str:
    """Return the constant that a key is, or begins with."""
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
