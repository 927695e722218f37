"""A log as JSON lines: every voice of a process, no secret, no line lost to a death, files that end."""

import html
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops import behind, sink
from sagetrade_nautilus.ops.ecs import document
from sagetrade_nautilus.ops.logs import diverted
from sagetrade_nautilus.ops.masking import MASK, Masker
from sagetrade_nautilus.ops.sink import Stream, Writer
from sagetrade_nautilus.secrets import Secret

NOW = "2026-01-01T00:00:00.000Z"
KEY = 'cAnArY"ä\\0123456789'
ALL_VOICES = """
import logging, os, signal, sys
from nautilus_trader.common.component import Logger, init_logging
from nautilus_trader.common.enums import LogLevel
from sagetrade_nautilus.ops.logs import diverted, identify, tell_event
with diverted("paper", os.environ["SAGETRADE_LOGS"]):
    guard = init_logging(level_stdout=LogLevel.INFO)
    identify(run="r1", config="abc")
    print("a print")
    log = logging.getLogger("sagetrade.some")
    tell_event("info", "a decision", "decision-taken", {"trade_id": "p-0001", "decision_id": "p@1", "role": None})
    try:
        raise ValueError("with " + os.environ["APCA_API_SECRET_KEY"])
    except ValueError:
        log.exception("it failed")
    Logger("Some").warning("from Nautilus")
    print("the key is", os.environ["APCA_API_SECRET_KEY"], file=sys.stderr)
    sys.stdout.flush()
    import time; time.sleep(0.5)
    print("the last words", flush=True)
    if len(sys.argv) > 1:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def run(folder: Path, *words: str, logs: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SAGETRADE_LOGS": logs, "APCA_API_SECRET_KEY": KEY}
    return subprocess.run(
        [sys.executable, "-c", ALL_VOICES, *words],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def read(text: str) -> dict[str, dict[str, Any]]:
    """Return each line by its message."""
    lines = [json.loads(line) for line in text.splitlines()]
    return {line["message"]: line for line in lines}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("logs")
    done = run(folder, "and dies", logs="logs")
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == done.stderr == ""
    path = folder / "logs" / "paper.jsonl"
    for _ in range(100):  # the sink outlives the process that it serves
        if "the last words" in path.read_text():
            break
        signal.sigtimedwait([], 0.05)
    return read(path.read_text())


def test_every_voice_of_the_process_is_heard_even_of_one_that_was_killed(said: dict[str, dict[str, Any]]) -> None:
    assert {"a print", "a decision", "it failed", "from Nautilus", "the last words"} <= set(said)


def test_every_line_has_the_names_of_the_schema(said: dict[str, dict[str, Any]]) -> None:
    for line in said.values():
        assert {"@timestamp", "log.level", "message", "ecs.version", "service.name", "process.pid"} <= set(line)
        assert line["service.type"] == "paper"


def test_lines_can_be_joined_by_run_trade_and_decision(said: dict[str, dict[str, Any]]) -> None:
    assert said["a print"]["labels.run"] == said["from Nautilus"]["labels.run"] == "r1"
    decision = said["a decision"]
    assert (decision["labels.run"], decision["labels.trade_id"], decision["labels.decision_id"]) == (
        "r1",
        "p-0001",
        "p@1",
    )
    assert decision["event.action"] == "decision-taken"


def test_nautilus_lines_keep_their_time_level_and_logger(said: dict[str, dict[str, Any]]) -> None:
    line = said["from Nautilus"]
    assert line["log.level"] == "warning"
    assert line["log.logger"] == "nautilus.Some"
    assert line["@timestamp"].endswith("Z")


def test_no_secret_stands_in_any_line(said: dict[str, dict[str, Any]]) -> None:
    text = json.dumps(said, ensure_ascii=False) + json.dumps(said)
    assert "cAnArY" not in text
    assert f"the key is {MASK}" in said
    assert MASK in said["it failed"]["error.message"]


OUTLIVES_ITS_SINKS = """
import os, signal, subprocess, time
from pathlib import Path
from nautilus_trader.common.component import Logger, init_logging
from sagetrade_nautilus.ops import behind
from sagetrade_nautilus.ops.logs import diverted, identify, tell_event
folder = os.environ["SAGETRADE_LOGS"]
with diverted("paper", folder):
    guard, log = init_logging(), Logger("Some")
    identify(run="r1")
    for death in range(int(os.environ["DEATHS"])):
        ask = ["pgrep", "-P", str(os.getpid()), "-f", "ops.sink"]
        while not (pid := subprocess.run(ask, capture_output=True).stdout.split()):
            time.sleep(0.01)
        os.kill(int(pid[0]), signal.SIGKILL)
        time.sleep(0.2)
    for number in range(3_000):
        log.error(f"line {number} of many, each of which needs its place in the pipe")
    tell_event("info", "an event", "done", {})
    print("the last words", flush=True)
    time.sleep(2.0)  # Nautilus writes on a thread of its own
"""


@pytest.mark.skipif(shutil.which("pgrep") is None, reason="needs pgrep: apt-get install procps")
@pytest.mark.parametrize("deaths", [1, behind.DEATHS_MAX + 1])
def test_a_process_outlives_the_sinks_of_its_log(tmp_path: Path, deaths: int) -> None:
    environment = {**os.environ, "SAGETRADE_LOGS": str(tmp_path / "logs"), "DEATHS": str(deaths)}
    command = [sys.executable, "-c", OUTLIVES_ITS_SINKS]
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, timeout=120, capture_output=True)
    assert done.returncode == 0, done.stderr
    if deaths == 1:
        said = read((tmp_path / "logs" / "paper.jsonl").read_text())
        last = "line 2999 of many, each of which needs its place in the pipe"
        assert {"an event", "the last words", last} <= set(said)
        assert said["the last words"]["labels.run"] == "r1"


def test_on_standard_output_it_is_the_same(tmp_path: Path) -> None:
    done = run(tmp_path, logs="-")
    assert done.returncode == 0
    said = read(done.stdout)
    assert {"a print", "it failed", "the last words"} <= set(said)


@given(st.text(min_size=6), st.text(), st.text())
def test_a_known_secret_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    masker = Masker([Secret(secret)])
    for form in (secret, json.dumps(secret)[1:-1]):
        assert form not in masker.mask(before + form + after).replace(MASK, "")


WRITTEN = (
    quote,
    quote_plus,
    lambda secret: quote(secret, safe="").lower(),
    lambda secret: quote(secret, safe="!'()*,;=:@/?+"),
    lambda secret: repr({"key": (secret,)}),
    lambda secret: repr(repr((secret,))),
    lambda secret: repr(secret.encode()),
    ascii,
    json.dumps,
    lambda secret: json.dumps(json.dumps({"key": secret})),
    html.escape,
    lambda secret: secret.encode().hex(),
)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=6).filter(
    lambda secret: secret == secret.strip() and secret.lower() == secret
)


@given(PRINTABLE, st.sampled_from(WRITTEN))
def test_a_known_secret_is_masked_however_it_is_written(secret: str, write: Callable[[str], str]) -> None:
    left = Masker([Secret(secret)]).mask(write(f"|{secret}|")).replace(MASK, "")
    assert len(left) <= len(write("||")) + 4  # what stands round it may be quoted otherwise


@given(st.text(min_size=8), st.binary(), st.binary(), st.sampled_from([b64encode, urlsafe_b64encode]))
def test_a_known_secret_is_masked_within_what_is_base64(
    secret: str, before: bytes, after: bytes, encode: Callable[[bytes], bytes]
) -> None:
    masker = Masker([Secret(secret)])
    left = masker.mask(encode(before + secret.encode("utf-8", "surrogatepass") + after).decode())
    assert MASK in left
    assert len(left.replace(MASK, "")) <= len(encode(before)) + len(encode(after)) + 4


def test_what_stands_under_a_secrets_name_is_masked_whole() -> None:
    made = {"api_secret": "abcdefgh", "x": [{"auth.token": "abcdefgh"}], "tokens_max": "abcdefgh", "key": 5}
    shown = {"api_secret": MASK, "x": [{"auth.token": MASK}], "tokens_max": "abcdefgh", "key": 5}
    assert Masker([]).mask_all(made) == shown


@pytest.mark.parametrize(
    "text",
    [
        "LlmConfig(token=None, tokens_max=200000, temperature=0.25)",
        "the password: it is needed",
        "{'tokens': 'abcdefgh'}",
        "basic strategies are on",
    ],
)
def test_words_and_numbers_are_not_masked(text: str) -> None:
    assert Masker([Secret("0123456789")]).mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic abcdefghijkl",
        "redis://:p4ssw0rd@host:6379/0",
        "AlpacaConfig(api_key='abcdefgh', api_secret='abcdefgh')",
        "{'password': 'abcdefgh'}",
        r"{\"api_secret\": \"abcdefgh\"}",
        "APCA-API-SECRET-KEY: abcdefgh",
        "GET https://api.telegram.org/bot123456789:AAF-x_yzAAF-x_yzAAF-x_yzAAF-x_yzAAF/getMe",
        "Authorization: Bearer abcdefghijklmnop.1234",
        "redis://user:p4ssw0rd@host:6379/0",
        "GET /v2/orders?api_key=abcdefgh12345678&symbol=BTC",
    ],
)
def test_what_looks_like_a_secret_is_masked_though_nobody_knows_it(text: str) -> None:
    masked = Masker([]).mask(text)
    assert MASK in masked
    assert not any(part in masked for part in ("AAF-x", "abcdefgh", "p4ssw0rd"))


def test_a_line_that_is_no_document_of_ours_is_a_message() -> None:
    for text in ('{"a": 1}', "{broken", '["x"]', "plain"):
        assert document(text, NOW) == {"@timestamp": NOW, "log.level": "info", "message": text}


def test_an_error_of_nautilus_is_one_message_with_its_trace() -> None:
    stream = Stream("error", joins=True)
    raw = (
        "\x1b[1m2026-11-26T03:29:45.364646705Z\x1b[0m \x1b[1;31m[ERROR] T-001.ops: Error on START\n"
        'ConfigError(x)\nTraceback (most recent call last):\n  File "a.py", line 1\n\x1b[0m\n'
        "2026-11-26T03:29:46.000000000Z [ERROR] T-001.next: another\n"
    )
    first, *_ = [*stream.feed(raw.encode()), *stream.flush()]
    assert first["message"] == "Error on START\nConfigError(x)"
    assert first["error.stack_trace"].startswith("Traceback")
    assert first["log.level"] == "error"


def test_a_line_that_a_death_cut_off_is_kept() -> None:
    stream = Stream("info", joins=False)
    assert stream.feed(b"half a li") == []
    assert stream.flush(ended=True)[0]["message"] == "half a li"


def test_files_take_turns_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "FILE_BYTES_MAX", 500)
    monkeypatch.setattr(sink, "FILES_KEPT", 2)
    writer = Writer(sink.handler_for(str(tmp_path), "paper"), Masker([]), {})
    for number in range(100):
        writer.write({"@timestamp": NOW, "message": f"line {number}"})
    files = sorted(path.name for path in tmp_path.glob("*.jsonl*"))
    assert files == ["paper.jsonl", "paper.jsonl.1", "paper.jsonl.2"]
    assert "line 99" in (tmp_path / "paper.jsonl").read_text()
    assert all(path.stat().st_size <= 500 for path in tmp_path.glob("*.jsonl*"))


def test_what_the_disk_refused_is_counted_and_told_when_it_takes_again(tmp_path: Path) -> None:
    class Full(logging.Handler):
        def __init__(self) -> None:
            super().__init__()
            self.full = True
            self.lines: list[str] = []

        def emit(self, record: logging.LogRecord) -> None:
            if self.full:
                self.handleError(record)
            else:
                self.lines.append(record.getMessage())

    handler = Full()
    writer = Writer(handler, Masker([]), {})
    for number in range(3):
        writer.write({"message": f"line {number}"})
    handler.full = False
    writer.write({"message": "again"})
    assert [json.loads(line)["message"] for line in handler.lines] == ["3 lines were lost", "again"]


def test_a_folder_that_no_log_can_be_written_into_is_refused_at_once(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(ConfigError, match=r"SAGETRADE_LOGS: .*a file stands where"), diverted("paper", str(place)):
        pytest.fail("it began")
