"""The README and the documentation, and what they name in code."""

import re

from tests.support.checkout import ROOT

PAGES = [ROOT / "README.md", ROOT / "catalog" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def text(name: str) -> str:
    """Return a file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, those in lists too."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)


def spans(page: str) -> list[str]:
    """Return what stands between backticks in the prose, each on one line."""
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


def commands(page: str) -> set[str]:
    """Return every command line that is shown at a prompt, and every span, without comments and pipes."""
    shown = re.findall(r"^ *\$ (.*)$", page, re.MULTILINE)
    return {line.removeprefix(".venv/bin/").split("  #")[0].split(" | ")[0].strip() for line in [*shown, *spans(page)]}
