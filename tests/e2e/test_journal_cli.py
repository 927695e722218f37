"""`sagetool journal verify` and `sagetool explain` on what a real run left."""

import json
import os
import random
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from sagetrade_nautilus.cli.explain import render
from sagetrade_nautilus.cli.main import main
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import load
from sagetrade_nautilus.guard.journal.chain import START, Head, link
from sagetrade_nautilus.guard.journal.explain import explain
from sagetrade_nautilus.guard.journal.journal import check, read
from sagetrade_nautilus.guard.journal.records import JournalRecord, OrderRecord, TextRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.run.version import code_version
from tests.support.trade_log import trades_in

WEEK = """
name = "week"
[data]
instruments = ["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]
start = 2022-05-07
end = 2022-05-14
sample = true
[report]
bootstrap_samples = 100
[[strategies]]
plugin = "momentum_scalper"
[[strategies]]
plugin = "mean_reversion_scalper"
[[strategies]]
plugin = "news_quick_trade"
"""
TRIALS = 300


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the week was run."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "run.toml").write_text(WEEK)
    done = subprocess.run(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "backtest", "run.toml", "--quiet"],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def report(work: Path) -> Path:
    return next((work / "runs").glob("*-*"))


@pytest.fixture(scope="module")
def records(report: Path) -> list[JournalRecord]:
    return read(report / "decisions.jsonl")


@pytest.fixture
def tool(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str, str]]:
    """`sagetool` in the folder of the run, in a terminal of 80 columns."""
    monkeypatch.chdir(work)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["sagetool", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return call


def test_every_trade_and_every_order_leads_to_its_decision_texts_run_and_code(
    work: Path, report: Path, records: list[JournalRecord]
) -> None:
    trades = trades_in(report / "trades.jsonl")
    orders = {record.tags[0] for record in records if isinstance(record, OrderRecord)}
    config = load(work / "run.toml")
    assert trades
    for trade_id in sorted(orders | {trade.trade_id for trade in trades}):
        found = explain(trade_id, records)
        assert found.is_complete, trade_id
        assert (found.run.config_digest, found.run.code_version) == (config.digest, code_version(config))
    for trade in trades:
        fills = [fill for order in explain(trade.trade_id, records).orders for fill in order.fills]
        entry = [fill for fill in fills if fill.tags[1] == "entry"]
        bought = sum((fill.last_qty or 0.0) * (fill.last_px or 0.0) for fill in entry)
        assert bought / sum(fill.last_qty or 0.0 for fill in entry) == pytest.approx(trade.entry_price)


def test_texts_stand_before_the_first_decision_that_names_them_and_once(records: list[JournalRecord]) -> None:
    known: set[str] = set()
    for record in records:
        if isinstance(record, TextRecord):
            assert record.item_id not in known
            known.add(record.item_id)
        if isinstance(record, DecisionRecord):
            assert known.issuperset(record.sources)
    assert known


def test_verify_accepts_the_journal_of_a_run_and_prints_its_head(
    report: Path, tool: Callable[..., tuple[object, str, str]]
) -> None:
    code, out, _ = tool("journal", "verify", str(report / "decisions.jsonl"))
    assert code == 0
    head = (report / "decisions.head").read_text().strip()
    assert head in out
    assert "against the head beside it" in out
    early = "1:" + json.loads((report / "decisions.jsonl").read_bytes().splitlines()[1])["hash"]
    said = tool("journal", "verify", str(report / "decisions.jsonl"), "--head", early)[1]
    assert "against the head that you gave, which does not reach the last" in " ".join(said.split())
    assert tool("journal", "verify", str(report / "decisions.jsonl"), "--head", head)[0] == 0


def _edit(lines: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(lines))
    line = bytearray(lines[place])
    where = chance.randrange(len(line) - 1)
    line[where] = (line[where] + chance.randrange(1, 256)) % 256
    return [*lines[:place], bytes(line), *lines[place + 1 :]]


def _delete(lines: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(lines) - 1)
    return [*lines[:place], *lines[place + 1 :]]


def _swap(lines: list[bytes], chance: random.Random) -> list[bytes]:
    first, second = chance.sample(range(len(lines)), 2)
    changed = list(lines)
    changed[first], changed[second] = changed[second], changed[first]
    return changed


def _repeat(lines: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(lines))
    return [*lines[:place], lines[chance.randrange(len(lines))], *lines[place:]]


def _cut(lines: list[bytes], chance: random.Random) -> list[bytes]:
    return lines[: chance.randrange(len(lines))]


def _rebuild(lines: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(lines))
    rebuilt, last = [], START
    for seq, line in enumerate(lines):
        record = {key: value for key, value in json.loads(line).items() if key not in ("seq", "prev", "hash")}
        if seq == place:
            record["forged"] = True
        made, last = link(json.dumps(record, separators=(",", ":")).encode(), seq, last)
        rebuilt.append(made)
    return rebuilt


@pytest.mark.parametrize("tamper", [_edit, _delete, _swap, _repeat, _cut, _rebuild])
def test_whatever_is_done_to_the_journal_is_found_against_a_head_kept_elsewhere(
    report: Path, tmp_path: Path, tamper: Callable[[list[bytes], random.Random], list[bytes]]
) -> None:
    whole = (report / "decisions.jsonl").read_bytes().splitlines(keepends=True)
    lines = whole[:200]
    chance = random.Random(tamper.__name__)  # noqa: S311 - a seeded choice of faults
    sound = tmp_path / "decisions.jsonl"
    sound.write_bytes(b"".join(lines))
    head = check(sound).head
    assert head is not None
    trials = TRIALS // 10 if tamper is _rebuild else TRIALS
    found = 0
    for _ in range(trials):
        changed = tamper(lines, chance)
        sound.write_bytes(b"".join(changed))
        found += changed == lines or check(sound, head).fault is not None
    assert found == trials


def test_a_tampered_journal_is_named_with_its_line_and_ends_with_code_8(
    report: Path, tmp_path: Path, tool: Callable[..., tuple[object, str, str]]
) -> None:
    shutil.copytree(report, tmp_path / "run")
    path = tmp_path / "run" / "decisions.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], *lines[5:]]))
    code, _, said = tool("journal", "verify", str(path))
    assert code == 8
    assert "missing: line 5: one or more lines before it were taken out; the 4 lines before it hold" in said
    assert tool("explain", "momentum_scalper-0001", "--run", str(path.parent))[0] == 8
    path.write_bytes(b"".join(lines) + b'{"half')
    code, _, said = tool("journal", "verify", str(path))
    assert code == 8
    assert "an unfinished line of 6 bytes" in said
    assert tool("journal", "verify", str(path), "--head", str(Head(3, START)))[2].count("rebuilt: line 4") == 1


def test_explain_walks_from_fill_to_headline_in_80_columns(
    report: Path, records: list[JournalRecord], tool: Callable[..., tuple[object, str, str]]
) -> None:
    taken = next(
        record
        for record in records
        if isinstance(record, DecisionRecord) and record.verdict is Verdict.TAKEN and record.sources
    )
    text = next(record for record in records if isinstance(record, TextRecord) and record.item_id == taken.sources[0])
    code, out, _ = tool("explain", str(taken.trade_id))
    assert code == 0
    assert max(len(line) for line in out.splitlines()) <= 80
    flat = "".join(out.translate({ord(char): None for char in "│├└─"}).split())
    config = json.loads((report / "metrics.json").read_text())
    for expected in (
        str(taken.trade_id),
        "filled",
        "entry:",
        taken.reason,
        "verdict: taken",
        "composite score",
        *(part.name for part in taken.signals),
        text.title,
        text.url,
        config["config_digest"][:12],
        config["code_version"],
    ):
        assert "".join(plain(expected).split()) in flat


def test_an_unknown_trade_names_near_ones_and_ends_with_code_8(tool: Callable[..., tuple[object, str, str]]) -> None:
    code, _, said = tool("explain", "momentum_scalper-01")
    assert code == 8
    assert "near it: momentum_scalper-0" in said
    assert "/decisions.jsonl: " in said, "the journal that was read is named"


def test_without_a_run_explain_says_where_it_looked(
    tmp_path: Path, tool: Callable[..., tuple[object, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, said = tool("explain", "x")
    assert code == 8
    assert "runs: no run with a decisions.jsonl there" in said


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_hostile_text_is_shown_as_plain_text_in_any_terminal(records: list[JournalRecord], encoding: str) -> None:
    attack = "[red]\x1b[2J\x9b31m\u202egnp.exe\u2028\r\nfill\x07 [link=https://evil]x[/link] “−ب"
    hostile = [
        msgspec.structs.replace(record, source=attack, title=attack, url=attack)
        if isinstance(record, TextRecord)
        else record
        for record in records
    ]
    taken = next(
        record
        for record in records
        if isinstance(record, DecisionRecord) and record.verdict is Verdict.TAKEN and record.sources
    )
    screen = StringIO()
    console = Console(file=screen, width=80, force_terminal=False)
    console.print(render(explain(str(taken.trade_id), hostile), encoding))
    shown = screen.getvalue()
    assert "[link=https://evil]x[/link]" in "".join(shown.translate({ord(char): None for char in "│├└─\n "}).split())
    assert {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Zl")} == {"\n"}
    plain(attack, encoding).encode(encoding)
