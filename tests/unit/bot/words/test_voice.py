"""Both catalogues say everything, and nothing from outside can mark up a message or turn its direction."""

import ast
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sagetrade_nautilus.bot
from sagetrade_nautilus.bot.commands import COMMANDS
from sagetrade_nautilus.bot.words.say import EITHER, END, LANGUAGES, LEFT_TO_RIGHT, catalogue
from sagetrade_nautilus.bot.words.voice import RIGHT_MARK, Voice
from sagetrade_nautilus.guard.gate.limits import standard_limits
from sagetrade_nautilus.guard.journal.scribe import EVENTS, ORDER_TYPES
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.model.readings import Regime

EN, AR = Voice("en"), Voice("ar")
OPEN, CLOSE = "\u2066\u2067\u2068", "\u2069"


def names(message: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(message) if name)


class Tags(HTMLParser):
    """Holds what Telegram holds of a message: every tag is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("b", "code", "a")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_no_message_is_missing_in_either_language() -> None:
    assert set(catalogue("en")) == set(catalogue("ar"))
    assert LANGUAGES == ("en", "ar")


def test_a_message_takes_the_same_values_in_both_languages_and_is_sound() -> None:
    for key, english in catalogue("en").items():
        arabic = catalogue("ar")[key]
        assert names(english) == names(arabic), key
        Tags(english)
        Tags(arabic)
        assert sum(arabic.count(mark) for mark in OPEN) == arabic.count(CLOSE), key


def test_the_arabic_is_arabic() -> None:
    for key, english in catalogue("en").items():
        bare = "".join(
            part for part, _, _, _ in string.Formatter().parse(english.replace("<b>", "").replace("</b>", ""))
        )
        if key != "version.title" and any(letter.isalpha() for letter in bare):
            assert any("\u0600" <= letter <= "\u06ff" for letter in catalogue("ar")[key]), key


def _keys() -> Iterator[str]:
    """Yield every key of a message that the code names."""
    for path in Path(sagetrade_nautilus.bot.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("say", "row"):
                for word in ast.walk(node.args[0]):
                    if isinstance(word, ast.Constant) and isinstance(word.value, str) and "." in word.value[1:-1]:
                        yield word.value
                    elif isinstance(word, ast.Constant) and node.func.attr == "row":
                        yield f"label.{word.value}"


def test_every_message_that_the_code_names_is_there() -> None:
    named = set(_keys())
    assert len(named) > 100
    assert {key for key in named if key not in catalogue("en") and not key.endswith((".", "_"))} == set()


def test_every_command_limit_state_regime_event_and_order_type_has_its_words() -> None:
    wanted = {f"command.{name}" for name in COMMANDS}
    wanted |= {f"state.{state}" for state in State} | {f"regime.{regime}" for regime in Regime}
    wanted |= {f"event.{event}" for event in EVENTS.values()}
    from sagetrade_nautilus.config import LimitConfig

    wanted |= {f"limit.{limit.name}" for limit in standard_limits(LimitConfig()) if hasattr(limit, "name")}
    assert wanted - set(catalogue("en")) == set()
    assert {kind for kind in ORDER_TYPES.values() if f"order_type.{kind}" not in catalogue("en")} <= {
        "market_to_limit",
        "trailing_stop_limit",
    }


def test_numbers_keep_their_order_in_arabic() -> None:
    assert AR.money(-1234.5, "USDT") == f"{LEFT_TO_RIGHT}−1,234.50 USDT{END}"
    assert AR.date(1_800_000_000_000_000_000) == f"{LEFT_TO_RIGHT}2027-01-15 08:00 UTC{END}"
    assert EN.money(-1234.5, "USDT") == "−1,234.50 USDT"


def test_every_line_of_an_arabic_message_runs_from_right_to_left() -> None:
    page = AR.page(AR.row("equity", AR.number(1.0)), AR.say("portfolio.holding", symbol="X", value="1"))
    assert all(line.startswith(RIGHT_MARK) for line in page.split("\n"))
    assert RIGHT_MARK not in EN.page(EN.row("equity", EN.number(1.0)))


@pytest.mark.parametrize(
    ("seconds", "english"),
    [(None, "–"), (-3.0, "0 s"), (59.0, "59 s"), (600.0, "10 min"), (9_000.0, "2.5 h"), (2e6, "23.1 d")],
)
def test_spans_are_said_in_the_unit_that_fits(seconds: float | None, english: str) -> None:
    assert EN.span(seconds) == english


@given(st.text(max_size=500))
def test_text_from_outside_can_neither_mark_up_nor_turn_the_direction(outside: str) -> None:
    for voice in (EN, AR):
        said = voice.say("why.change", when="x", before="x", after="x", by=outside, reason=outside)
        Tags(said)
        assert "\n" not in said.replace(catalogue(voice.language)["why.change"], "")
        depth = 0
        for letter in said:
            depth += (letter in OPEN) - (letter == CLOSE)
            assert 0 <= depth <= 2
        assert depth == 0
        assert not any(letter in said for letter in "\u202a\u202b\u202c\u202d\u202e")


def test_long_text_from_outside_is_cut() -> None:
    assert len(EN.outside("x" * 10_000)) <= 302


def test_an_answer_runs_in_its_own_language_and_not_in_the_persons() -> None:
    arabic, english = (
        f"\u2022 {EITHER}BTCUSDT{END}: {EITHER}\u0627\u0644\u0633\u0648\u0642{END}\n\u0627\u0644\u0622\u0646",
        "\u2022 Equity\nDone",
    )
    for voice in (EN, AR):
        assert voice.plain(english) == english
        assert all(line.startswith(RIGHT_MARK) for line in voice.plain(arabic).split("\n"))


@given(st.text())
def test_an_answer_has_its_mark_on_every_line_or_on_none(text: str) -> None:
    lines = [line for line in EN.plain(text.replace(RIGHT_MARK, "")).split("\n") if line]
    assert len({line.startswith(RIGHT_MARK) for line in lines}) <= 1
