"""What every command says of itself with ``--help``."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from rich.text import Text
from typer.testing import CliRunner

from sagetrade_nautilus.cli.app import COMMANDS, app, command

WIDE = {"COLUMNS": "1000", "NO_COLOR": "1"}


def _below(path: str, found: Any) -> Iterator[tuple[str, Any]]:
    yield path, found
    for name, one in getattr(found, "commands", {}).items():
        yield from _below(f"{path} {name}", one)


def _all() -> dict[str, Any]:
    return {path: found for name in COMMANDS for path, found in _below(name, command(name))}


ALL = _all()
PARAMETERS = {
    f"{path} {'/'.join(one.opts)}": one for path, found in ALL.items() for one in found.params if one.name != "help"
}


def _said(markup: str) -> str:
    """Return what a text says, as it was written: without the backslashes that keep brackets from being markup."""
    return Text.from_markup(markup).plain


def _squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("path", ALL)
def test_a_commands_help_prints_every_word_of_its_texts_brackets_and_all(path: str) -> None:
    printed = CliRunner().invoke(app, [*path.split(), "--help"], env=WIDE).output
    shown = _squeezed(printed)
    assert _squeezed(_said(ALL[path].help)) in shown
    for one in ALL[path].params:
        if one.name != "help":
            assert _squeezed(_said(one.help)) in shown


def test_words_in_brackets_are_in_the_help_of_what_reads_them() -> None:
    assert "`[messaging]`" in CliRunner().invoke(app, ["ingest", "--help"], env=WIDE).output
    assert "`[messaging]`" in CliRunner().invoke(app, ["score", "--help"], env=WIDE).output


@pytest.mark.parametrize("path", ALL)
def test_a_command_begins_with_a_sentence_that_says_what_it_does(path: str) -> None:
    first = _said(ALL[path].help).split("\n\n")[0]
    assert first.endswith(".")
    assert first[0].isupper()
    assert first.split()[0] not in {"A", "An", "The", "It", "This", "One", "Changes"}, "begin with the verb"


@pytest.mark.parametrize("path", [path for path, found in ALL.items() if not hasattr(found, "commands")])
def test_a_command_ends_with_an_example_that_the_command_line_takes(path: str) -> None:
    last = _said(ALL[path].help).split("\n\n")[-1]
    assert last.startswith(f"Example: sagetool {path}")
    ALL[path].make_context(path, shlex.split(last.removeprefix(f"Example: sagetool {path}")))


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_says_in_a_sentence_what_it_is_and_what_holds_without_it(name: str) -> None:
    one = PARAMETERS[name]
    said = _said(one.help or "")
    assert said[:1].isupper()
    assert said.endswith(".")
    shows_default = one.required or getattr(one, "is_flag", False) or one.default not in (None, "")
    assert shows_default or "left out" in said
    if one.name.endswith("_s"):
        assert "Seconds" in said


@pytest.mark.parametrize("name", PARAMETERS)
def test_metavars_are_of_one_kind(name: str) -> None:
    metavar = PARAMETERS[name].metavar
    is_option = "--" in name
    assert metavar is None or re.fullmatch(r"<[a-z:]+>" if is_option else r"[a-z]+", metavar)
