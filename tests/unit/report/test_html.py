import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import msgspec
import pytest

from sagetrade_nautilus.model.records import DecisionCount, RunSummary
from sagetrade_nautilus.report import html, metrics
from sagetrade_nautilus.report.equity import EquityLedger

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
VOID = {"meta", "link", "br", "wbr", "img", "input", "hr"}


class Page(HTMLParser):
    """Collects tags, attributes and the content of script and style elements, and holds tags to be balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[tuple[dict[str, str | None], str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.blocks.append((self.tags[-1][1] | {"tag": self.open[-1]}, data))
        else:
            self.words.append(data)


def _render(summary: RunSummary) -> str:
    return html.render(summary, metrics.compute(summary, 100, 7), EquityLedger(summary))


@pytest.fixture(scope="module")
def text(summary: RunSummary) -> str:
    return _render(summary)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


@pytest.fixture(scope="module")
def attacked(summary: RunSummary) -> str:
    """A report in which every name that comes from outside tries to break out."""
    replace = msgspec.structs.replace
    renamed = dict(zip(summary.strategies, (f"{ATTACK}{k}" for k in range(9)), strict=False))
    return _render(
        replace(
            summary,
            name=ATTACK,
            code_version=ATTACK,
            data_fingerprint=ATTACK,
            strategies=tuple(renamed.values()),
            fills=tuple(replace(f, strategy=renamed[f.strategy], trade_id=ATTACK + f.trade_id) for f in summary.fills),
            round_trips=tuple(
                replace(
                    t,
                    strategy=renamed[t.strategy],
                    trade_id=ATTACK + t.trade_id,
                    regime=ATTACK + t.regime,
                    exit_reason=ATTACK,
                )
                for t in summary.round_trips
            ),
            decisions=(DecisionCount(strategy=renamed["idle_strategy"], verdict=ATTACK, reason=ATTACK, count=3),),
        )
    )


def test_every_tag_is_closed_in_its_order(page: Page) -> None:
    assert page.open == []


def test_the_page_asks_nothing_of_the_network(page: Page, text: str) -> None:
    for tag, attributes in page.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"@import|url\(|https?://(?!www\.w3\.org/2000/svg)", text)


def test_the_security_policy_allows_the_pages_own_script_and_style_and_nothing_else(page: Page) -> None:
    policy = next(a["content"] or "" for t, a in page.tags if t == "meta" and a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for attributes, content in page.blocks:
        if attributes.get("type") != "application/json":
            digest = b64encode(sha256(content.encode()).digest()).decode()
            assert f"{attributes['tag']}-src 'sha256-{digest}'" in policy


def test_no_element_has_a_style_or_a_handler_of_its_own(page: Page) -> None:
    for _, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_names_from_outside_stay_text(attacked: str, page: Page) -> None:
    found = Page(attacked)
    assert found.open == []
    assert [tag for tag, _ in found.tags if tag in ("script", "img")] == ["script"] * len(
        [tag for tag, _ in page.tags if tag == "script"]
    )
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)
    assert ATTACK in "".join(found.words)


def test_names_from_outside_reach_the_charts_unchanged(attacked: str) -> None:
    blocks = [content for attributes, content in Page(attacked).blocks if attributes.get("type")]
    names = {name for block in blocks for name in msgspec.json.decode(block).get("strategies", [])}
    assert f"{ATTACK}0" in names


def test_no_figure_shows_as_nan_infinite_or_none(text: str, page: Page) -> None:
    words = " ".join(page.words)
    assert not re.search(r"\b(nan|inf|None|undefined)\b", words)
    assert not re.search(r'd="[^"]*(nan|inf)', text)


def test_every_chart_has_a_label_and_every_region_a_name(page: Page) -> None:
    charts = [a for t, a in page.tags if t == "svg" and a.get("class") == "outer"]
    assert len(charts) == 3 + 2 + 1
    for _, attributes in page.tags:
        if attributes.get("role") in ("img", "region", "group"):
            assert attributes.get("aria-label")


def test_the_page_says_what_it_must(text: str, summary: RunSummary) -> None:
    for words in (
        "Buy and hold",
        "Drawdown",
        "Trades on the price",
        "Where the money went",
        "Do the signals mean anything?",
        "Selector policy",
        "What is not modelled",
        "short positions pay no interest",
        summary.config_digest[:16],
        summary.data_fingerprint[:16],
        *summary.strategies,
    ):
        assert words in text


def test_equal_runs_give_equal_pages(summary: RunSummary, text: str) -> None:
    assert _render(summary) == text


def test_a_run_without_trades_signals_decisions_or_rules_has_a_page(idle_summary: RunSummary) -> None:
    bare = msgspec.structs.replace(idle_summary, signals=(), decisions=(), selector=())
    found = Page(_render(bare))
    assert found.open == []
    assert "never traded" in " ".join(found.words)


def test_the_trades_table_ends_at_two_hundred_and_names_the_file(make_summary) -> None:
    found = Page(_render(make_summary(days=20, trades=230)))
    words = " ".join(found.words)
    assert "The first 200 of 230 trades" in words
    assert "trades.jsonl" in words


def test_half_a_year_of_two_markets_stays_under_three_megabytes(make_summary) -> None:
    assert len(_render(make_summary(days=181, trades=3_000)).encode()) < 3_000_000
