"""Every word of the page stands in both languages, under the same keys, and none is there for nothing."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.dashboard.access import Request, new_access, refuse
from sagetrade_nautilus.dashboard.experiments import Status
from sagetrade_nautilus.guard.breaker import breaker
from sagetrade_nautilus.guard.gate.limits import standard_limits
from sagetrade_nautilus.guard.gate.limits.base import Ceiling
from sagetrade_nautilus.guard.switch.heartbeat import Vital
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import Verdict
from sagetrade_nautilus.model.readings import Regime

STATIC = Path(str(resources.files("sagetrade_nautilus.dashboard"))) / "static"
TEXTS = {
    language: json.loads((STATIC / f"texts/{language}.json").read_text(encoding="utf-8")) for language in ("en", "ar")
}
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js")}
PAGE = (STATIC / "index.html").read_text(encoding="utf-8")
SERVER = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.parent.glob("*.py"))
ALL = "\n".join([*SCRIPTS.values(), PAGE, SERVER])
FROM_NAMES = set(re.findall(r'word\("(\w+)"', ALL)) | set(re.findall(r"\bt\(`(\w+)\.\$\{", ALL))
"""Kinds of keys that are put together from names: `state.halted`, `error.no_session`."""
USED = {
    *re.findall(r'data-(?:text|label)="([\w.]+)"', PAGE),
    *re.findall(r'"([a-z_]+\.[a-z_]+)"', ALL),
    *re.findall(r'\bt\("([\w.]+)"', ALL),
}


def test_both_languages_have_the_same_keys() -> None:
    assert list(TEXTS["en"]) == list(TEXTS["ar"])


@pytest.mark.parametrize("language", TEXTS)
def test_no_text_is_empty_and_both_put_in_the_same_values(language: str) -> None:
    for key, text in TEXTS[language].items():
        assert text.strip(), key
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", TEXTS["en"][key])), key


def test_arabic_is_arabic() -> None:
    latin = {key for key, text in TEXTS["ar"].items() if not re.search(r"[\u0600-\u06ff]", text)}
    assert latin == {"language.en", "role.none"}


def test_no_count_stands_before_its_noun_where_one_would_need_another_form() -> None:
    counted = {key for key, text in TEXTS["en"].items() if re.search(r"\{(n|trades|news)\} (?!bps)(\w+ )?\w+s\b", text)}
    assert counted == set()


def test_every_key_that_the_page_uses_is_there() -> None:
    kinds = {key.partition(".")[0] for key in TEXTS["en"]}
    asked = {
        key for key in USED if key.partition(".")[0] in kinds and not key.endswith((".json", ".js", ".css", ".jsonl"))
    }
    assert sorted(asked - set(TEXTS["en"])) == []


def test_no_key_is_there_for_nothing() -> None:
    unused = {key for key in TEXTS["en"] if key not in USED and key.partition(".")[0] not in FROM_NAMES}
    assert sorted(unused) == []


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("state", [state.value for state in State]),
        ("vital", [vital.value for vital in Vital]),
        ("verdict", [verdict.value for verdict in Verdict]),
        ("regime", [regime.value for regime in Regime]),
        ("experiment", list(Status.__args__)),  # type: ignore[attr-defined]
        ("limit", [limit.name for limit in standard_limits(LimitConfig()) if isinstance(limit, Ceiling)]),
        ("limit", [breaker.DAILY_LOSS, breaker.DAY_DROP, breaker.DRAWDOWN, breaker.LOSSES]),
    ],
)
def test_every_name_that_the_program_makes_has_its_text(kind: str, names: list[str]) -> None:
    assert [name for name in names if f"{kind}.{name}" not in TEXTS["en"]] == []


def test_every_refusal_has_its_text() -> None:
    access = new_access([], 8787)
    requests = (
        Request(method="GET", path="/api/live", host="evil.example"),
        Request(method="GET", path="/api/live", host="127.0.0.1:8787", fetch_site="cross-site"),
        Request(method="GET", path="/api/live", host="127.0.0.1:8787"),
        Request(
            method="POST",
            path="/api/stop",
            host="127.0.0.1:8787",
            origin="http://127.0.0.1:8787",
            session=access.session,
        ),
    )
    found = [refuse(access, asked) for asked in requests]
    assert [(refusal.status, f"error.{refusal.why}" in TEXTS["en"]) for refusal in found if refusal] == [
        (421, True),
        (403, True),
        (401, True),
        (403, True),
    ]


def test_no_script_can_make_markup_of_a_text() -> None:
    for name, script in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script), (
            name
        )


def test_the_page_has_no_script_and_no_style_of_its_own_and_fetches_nothing_from_elsewhere() -> None:
    for page in (PAGE, (STATIC / "locked.html").read_text(encoding="utf-8")):
        assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", page)
        assert not re.search(r'(?:src|<link[^>]*href)="(?!/static/)', page)
