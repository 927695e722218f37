"""Mutants: one rule broken at a time, and nothing else changed."""

import ast

import pytest

from scripts.mutants import mutants


def _made(source: str) -> list[tuple[str, int, str]]:
    return [(mutant.kind, mutant.line, mutant.source) for mutant in mutants("m", source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", [("turned round", "a >= b"), ("moved over its boundary", "a <= b")]),
        ("a is not b", [("turned round", "a is b")]),
        ("a and b", [("and/or changed places", "a or b")]),
        ("a - b", [("plus/minus changed places", "a + b")]),
        ("a * b", []),
        ("if not a:\n    pass", [("a not is gone", "if a:\n    pass")]),
        ("def f():\n    g()\n    return 1", [("gone", "def f():\n    pass\n    return 1")]),
        ("def f(self):\n    self._a = 1", [("gone", "def f(self):\n    pass")]),
        ("def f():\n    '''What it does.'''", []),
        ("def f():\n    if a:\n        return 1", [("gone", "def f():\n    pass")]),
        (
            "try:\n    a\nexcept E:\n    return 'no'",
            [
                ("gone", "try:\n    pass\nexcept E:\n    return 'no'"),
                ("an error passes", "try:\n    a\nexcept E:\n    return None"),
            ],
        ),
    ],
)
def test_each_rule_is_broken_in_its_own_way(source: str, expected: list[tuple[str, str]]) -> None:
    found = sorted((kind, made) for kind, _, made in _made(source))
    assert found == sorted((kind, ast.unparse(ast.parse(made))) for kind, made in expected)


def test_each_limit_is_taken_out_once() -> None:
    source = "def standard_limits(config):\n    return [\n        A(),\n        B(config.b),\n    ]"
    assert _made(source) == [
        ("without A()", 3, "def standard_limits(config):\n    return [B(config.b)]"),
        ("without B(config.b)", 4, "def standard_limits(config):\n    return [A()]"),
    ]
