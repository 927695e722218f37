"""The static guard lets decision logic pass, and names what is none."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.experiments.sandbox.static_guard import SOURCE_BYTES_MAX, faults
from sagetrade_nautilus.experiments.sandbox.static_rules import MODULES

ROOT = Path(__file__).resolve().parents[4]
PLUGINS = sorted((ROOT / "strategies").glob("*.py"))
RICH = '''
"""Everything that a plugin may reasonably use."""

import itertools
import math
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from functools import reduce
from typing import Final, Literal

import numpy as np

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.model.indicators import EMA
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

LENGTH: Final = 20
type Way = Literal["up", "down"]


class Mood(Enum):
    CALM = 1
    WILD = 2


@dataclass(frozen=True)
class Seen:
    price: float
    way: Way = "up"
    more: list[float] = field(default_factory=list)

    @property
    def log_price(self) -> float:
        return math.log(self.price)


def slope(values: list[float]) -> float:
    x = np.arange(len(values), dtype=np.float64)
    return float(np.polyfit(x, np.asarray(values), 1)[0])


class RichConfig(SageStrategyConfig, frozen=True, kw_only=True):
    min_score: float = 0.5
    ways: tuple[Literal["up", "down"], ...] = ("up",)


class Rich(SageStrategy[RichConfig]):
    def initialize(self, config: RichConfig) -> None:
        self._settings = config
        self._seen: deque[Seen] = deque(maxlen=LENGTH)
        self._average = EMA(LENGTH)
        self.count = 0

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        self.count += 1
        self._seen.append(Seen(signal.price))
        prices = [seen.log_price for seen in self._seen if seen.price > 0.0]
        match signal.regime.split("_"):
            case ["high", *_]:
                mood = Mood.WILD
            case _:
                mood = Mood.CALM
        if (steepness := slope(prices)) < 0.0 or mood is Mood.WILD or len(prices) < LENGTH:
            return None
        try:
            ratio = max(prices) / min(prices)
        except ZeroDivisionError:
            return None
        total = reduce(lambda a, b: a + b, itertools.accumulate(prices), 0.0)
        return self._decide(signal, f"steep {steepness:+.2f}, {ratio:.1f}, {total:.1f}")

    def _decide(self, signal: CompositeSignal, why: str) -> Decision:
        return Decision(
            side="buy", size_pct=1.0, tp=signal.price * 1.01, sl=signal.price * 0.99, target_duration=60.0,
            expected_edge_bps=1.0, reason=why, signal_ids=(signal.signal_id,),
        )

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        return [
            PositionAction(trade_id=held.trade_id, kind=ActionKind.CLOSE, reason="done")
            for held in sorted(market_state.positions, key=lambda held: held.trade_id)
        ]
'''


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_the_bundled_plugins_pass(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), path) == []


def test_the_example_of_the_documentation_passes() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[:1]
    assert faults(example, "dip_buyer.py") == []


def test_logic_that_uses_all_that_it_may_passes() -> None:
    assert faults(RICH, "rich.py") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import os", "`import os` is not allowed"),
        ("from math import floor, sqrt2", "`sqrt2` may not be imported from `math`"),
        ("from . import x", "an import from `.` is not allowed"),
        ("x = open('y')", "`open` is not allowed"),
        ("x = ().__class__", "`.__class__` reaches behind an object"),
        ("x = y.gi_frame", "`.gi_frame` reaches behind an object"),
        ("import numpy as np\nx = np.load", "`np.load` is not allowed"),
        ("import numpy as np\nx = np", "`np` may only stand before a dot"),
        ("x: 'open(1)' = 1", "is no plain type"),
        ("def f(x: list['a']): pass", "is no plain type"),
        ("from math import sqrt\nsqrt = 1", "`sqrt` is defined already"),
        ("def f():\n    x.y = 1", "`.y` of something else than `self` is set"),
        ("print(1)", "it does something when it is imported"),
        ("class X(metaclass=int): pass", "`metaclass`"),
        ("x = y.submit_order", "does what a plugin may not do by itself"),
        ("def f():\n    global x", "`Global` is nothing that decision logic needs"),
        ("@x\ndef f(): pass", "the decorator `x` is not allowed"),
        ("class X:\n    def f(it): pass", "the first argument of `f` is not called `self`"),
        ("x = (", "it cannot be read"),
        ("x = 1\0", "it cannot be read"),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, said: str) -> None:
    found = faults(f"y = 0\n{line}", "plugin.py")
    assert any(said in fault for fault in found), found
    assert all(fault.startswith("plugin.py:") for fault in found)


def test_a_file_beyond_the_limit_is_not_read() -> None:
    assert faults("#" * (SOURCE_BYTES_MAX + 1), "x.py") == [f"x.py: it is larger than {SOURCE_BYTES_MAX} bytes"]


def test_no_name_that_may_be_imported_is_a_module() -> None:
    """A module would hand out what it imports itself."""
    from importlib import import_module
    from types import ModuleType

    for module, names in MODULES.items():
        for name in names:
            assert not isinstance(getattr(import_module(module), name), ModuleType), (module, name)


@given(st.text(max_size=300))
def test_no_text_is_too_strange_for_an_answer(text: str) -> None:
    assert isinstance(faults(text, "x.py"), list)


NAMES = st.sampled_from(["self", "np", "os", "eval", "x", "open", "math", "__import__", "getattr", "sqrt"])
ATTRIBUTES = st.sampled_from(["x", "load", "__class__", "msgbus", "append", "sqrt", "_private", "f_back", "tofile"])
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.tuples(inner, ATTRIBUTES).map(lambda pair: f"{pair[0]}.{pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})[{pair[1]}]"),
        inner.map(lambda one: f"(lambda: {one})"),
        inner.map(lambda one: f"[y for y in ({one})]"),
        inner.map(lambda one: f"f'{{{one}}}'"),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_whatever_is_built_of_forbidden_parts_is_refused(expression: str) -> None:
    forbidden = {"os", "eval", "open", "__import__", "getattr", "__class__", "msgbus", "_private", "f_back", "tofile"}
    tree = ast.parse(expression)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    if used & (forbidden - {"os"}):
        assert faults(f"z = {expression}", "x.py")
