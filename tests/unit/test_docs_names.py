"""What the README and the documentation name is there: links, commands, options, files, keys of the configuration."""

import re
import shlex
import subprocess
import typing
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import msgspec
import pytest
import typer

from sagetrade_nautilus.cli import app
from sagetrade_nautilus.cli.fault import fault
from sagetrade_nautilus.config import RunConfig
from tests.support.docs import PAGES, ROOT, commands, spans, text


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=_named)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
KEY = re.compile(r"\[{0,2}([a-z_]+(?:\.[a-z_]+)*)\]{0,2}(?: = .*)?")
FOREIGN = ("pip ", "ray ", "py-spy ", "kubectl ", "docker ", "redis", "for ", "git ")
"""Tools of others, whose options are theirs."""
MADE = {
    "catalog/data",
    "config/secrets.env",
    "benchmarks/.peers",
    "deploy/secrets",
    "approvals/allowed_signers",
    "strategies/dip_buyer.py",
    "strategies/my_idea.py",
    "configs/my_idea.toml",
    "tests/unit/strategies/test_my_idea.py",
}
"""Files that a person or a command makes where it runs."""


def _below(found: Any) -> typing.Iterator[Any]:
    yield found
    for one in getattr(found, "commands", {}).values():
        yield from _below(one)


@cache
def _fault() -> Any:
    whole = typer.Typer(add_completion=False)
    whole.command("sagetool-fault")(fault)
    return typer.main.get_command(whole)


@cache
def _options() -> frozenset[str]:
    roots = [*(app.command(name) for name in app.COMMANDS), _fault()]
    found = {
        option
        for root in roots
        for one in _below(root)
        for param in one.params
        for option in (*param.opts, *param.secondary_opts)
    }
    return frozenset(found | {"--help", "--version"})


@cache
def _tracked() -> frozenset[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = done.stdout.splitlines()
    return frozenset(files) | {str(parent) for file in files for parent in Path(file).parents}


def _parse(words: list[str]) -> None:
    """Raise what the command line would for `words`; a command named without its arguments need only exist."""
    if words in (["--help"], ["--version"], []):
        return
    assert words[0] in app.COMMANDS, f"sagetool has no command {words[0]!r}"
    path, command, words = f"sagetool {words[0]}", app.command(words[0]), words[1:]
    while words and words[0] in getattr(command, "commands", {}):
        path, command, words = f"{path} {words[0]}", command.commands[words[0]], words[1:]
    if words == ["--help"]:
        return
    assert not (words and hasattr(command, "commands")), f"{path} has no command {words[0]!r}"
    if words:
        command.make_context(path, list(words))


def _check_module(words: list[str]) -> None:
    """Raise if the module or script that Python is to run is not there, or does not know an option by name."""
    if words[0] == "-m" and words[1].startswith("benchmarks."):
        resolve_name(words[1]).command().parse_args(words[2:])
        return
    name = words[1].replace(".", "/") if words[0] == "-m" else words[0].removesuffix(".py")
    if name in ("json/tool", "http/server"):
        return
    at = [ROOT / f"{name}.py", ROOT / name / "__main__.py"]
    source = next((path for path in at if path.is_file()), None)
    assert source is not None, f"{name} is no file here"
    known = source.read_text(encoding="utf-8") + text("sagetrade_nautilus/cli/startup.py")
    for option in OPTION.findall(" ".join(words)):
        field = option.removeprefix("--").replace("-", "_")
        assert option in known or re.search(rf"^ *{field}: ", known, re.MULTILINE), f"{name} knows no {option}"


def _is_key(path: list[str]) -> bool:
    struct: Any = RunConfig
    for name in path:
        if struct is None:
            return True
        hints = typing.get_type_hints(struct)
        if name not in hints:
            return False
        struct = None if typing.get_origin(hints[name]) is dict else _struct(hints[name])
    return True


def _struct(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for one in typing.get_args(kind) if (found := _struct(one)) is not None), None)


def _wrong_keys(page: str) -> list[str]:
    """Return the spans that begin as keys of a run's configuration do, and are none."""
    wrong = []
    for span in spans(page):
        found = KEY.fullmatch(span)
        path = found[1].split(".") if found else []
        is_key = span.startswith("[") or (len(path) > 1 and path[0] in RunConfig.__struct_fields__)
        if path and is_key and path[-1] not in ("html", "json", "jsonl", "md", "toml", "py") and not _is_key(path):
            wrong.append(span)
    return wrong


def _wrong_options(page: str) -> set[str]:
    """Return the options in spans that no command of ours has; `sagetool ...` itself is parsed elsewhere."""
    ours = [span for span in spans(page) if not span.startswith(("sagetool ", "python ", *FOREIGN))]
    return {option for span in ours for option in OPTION.findall(span)} - _options()


def _wrong_files(page: str) -> set[str]:
    """Return the spans and words of commands that lie in a folder of the checkout by name, and are not there."""
    folders = {name for name in _tracked() if "/" not in name and (ROOT / name).is_dir()} - {"."}
    words = {word for line in commands(page) for word in line.split()}
    named = {word.rstrip("/,;") for word in words if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?[,;]?", word)}
    return {word for word in named if word.split("/")[0] in folders} - _tracked() - MADE


def _anchors(page: Path) -> set[str]:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@every_page
def test_every_relative_link_leads_to_a_file_and_to_a_title_in_it(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name, title in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", prose):
        goal = page.parent / name if name else page
        if "://" in name:
            continue
        assert goal.exists(), name
        if goal.name == "api.md" and "." in title:
            assert resolve_name(title)
        else:
            assert not title or title in _anchors(goal), f"{name}#{title}"


@every_page
def test_every_command_that_is_named_exists(page: Path) -> None:
    for command in sorted(commands(page.read_text(encoding="utf-8"))):
        first, *words = command.split() or [""]
        if first == "sagetool":
            _parse(shlex.split(command)[1:])
        if first == "sagetool-fault" and words:
            _fault().make_context(first, words)
        if first == "make" and words:
            assert re.search(rf"^{words[0]}:", text("Makefile"), re.MULTILINE), command
        if first == "python" and words and words[0] != "-c":
            _check_module(words)


@pytest.mark.parametrize("words", ["nonsense", "data chek", "import bars FILE --instrumet X"])
def test_a_command_that_does_not_exist_would_be_found(words: str) -> None:
    with pytest.raises(Exception, match=r"nonsense|chek|instrumet"):
        _parse(words.split())


@every_page
def test_every_option_that_is_named_exists(page: Path) -> None:
    assert _wrong_options(page.read_text(encoding="utf-8")) == set()


@every_page
def test_every_key_of_the_configuration_that_is_named_exists(page: Path) -> None:
    said = page.read_text(encoding="utf-8").replace("`costs.assumed`", "")  # a figure of metrics.json
    said = re.sub(r"`quant\.signals\.\w+`", "", said)  # a function
    assert _wrong_keys(said) == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout, so nothing says which files are ours")
@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "comparison.md"], ids=_named)
def test_every_file_that_is_named_exists(page: Path) -> None:
    """`comparison.md` names the files of others."""
    assert _wrong_files(page.read_text(encoding="utf-8")) == set()


def test_a_wrong_option_key_or_file_would_be_found() -> None:
    said = "`--laetch`, `node.on_stopp`, `[mesaging]`, `node.on_stop`, `--latch FILE`, `docs/nothing.md`"
    assert _wrong_options(said) == {"--laetch"}
    assert _wrong_keys(said) == ["node.on_stopp", "[mesaging]"]
    assert _wrong_files(said) == {"docs/nothing.md"}
