"""The language model's client: bounded, repeatable, and silent about keys, questions and answers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.llm.client import KEY, LlmClient
from adapters.llm.completion import Completion, Kept
from sagetrade_nautilus.config import LlmConfig
from sagetrade_nautilus.errors import ConfigError, LlmError
from sagetrade_nautilus.secrets import Secret
from tests.support.http_server import Reply, serving
from tests.support.llm_server import answering, completion

CANARY = "sk-canary-0f3a"


def _config(url: str, **changes: Any) -> LlmConfig:
    return LlmConfig(base_url=url, model="m-1", timeout_s=5.0, **changes)


def _client(url: str, kept: Kept | None = None, **changes: Any) -> LlmClient:
    return LlmClient(_config(url, **changes), Secret(CANARY), kept, backoff_seconds=0.01)


def _ask(client: LlmClient, user: str = "why?", **named: Any) -> Completion:
    return asyncio.run(client.complete("You are brief.", user, **named))


def test_it_asks_as_the_api_says_and_returns_text_and_usage() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    with answering(lambda body: '{"a": 1}', CANARY) as server:
        client = _client(server.url)
        found = _ask(client, schema=schema, max_tokens=50)
    assert found.text == '{"a": 1}'
    assert client.spent == found.usage.total > 0
    body = server.asked[0]
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("m-1", 50, 0.0)
    assert body["response_format"]["json_schema"]["schema"] == schema
    assert server.headers[0]["authorization"] == f"Bearer {CANARY}"


def test_what_was_asked_before_is_answered_from_the_folder_and_costs_nothing(tmp_path: Path) -> None:
    with answering(lambda body: "because") as server:
        first = _ask(_client(server.url, Kept(tmp_path)))
    later = _client("http://127.0.0.1:9/v1", Kept(tmp_path))
    assert _ask(later) == first
    assert later.spent == 0
    kept = next(tmp_path.glob("*.json")).read_text()
    assert CANARY not in kept
    assert msgspec.json.decode(kept)["asked"]["user"] == "why?"
    with pytest.raises(LlmError, match="cannot be asked now"):
        _ask(later, "something else?")


def test_a_damaged_answer_in_the_folder_is_an_error_and_not_asked_again(tmp_path: Path) -> None:
    with answering(lambda body: "because") as server:
        _ask(_client(server.url, Kept(tmp_path)))
        next(tmp_path.glob("*.json")).write_text("{")
        with pytest.raises(LlmError, match="cannot be read"):
            _ask(_client(server.url, Kept(tmp_path)))
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_busy_server_is_asked_again(status: int) -> None:
    with serving(Reply(status), Reply(body=completion("yes"))) as server:
        assert _ask(_client(server.url)).text == "yes"
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "says", "tries"),
    [
        (Reply(401), "refuses the key", 1),
        (Reply(404), "answered 404", 1),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "answered 302", 1),
        (Reply(500), "answered 500", 3),
        (Reply(body=b"<html>"), "no chat completion", 1),
        (Reply(body=b'{"choices": []}'), "no answer", 1),
        (Reply(body=completion(None, refusal="no")), "refused", 1),
        (Reply(body=completion("half", finish="length")), "cut off", 1),
        (Reply(body=b"x" * 4_000_001), "longer than", 1),
        (Reply(body=completion("yes"), cut=20), "cannot be reached", 3),
    ],
)
def test_a_faulty_server_is_an_error_that_says_so(reply: Reply, says: str, tries: int) -> None:
    with serving(reply) as server, pytest.raises(LlmError, match=says) as caught:
        _ask(_client(server.url), "a question of ours")
    assert len(server.requests) == tries
    assert CANARY not in str(caught.value)
    assert "question of ours" not in str(caught.value)


def test_a_server_that_hangs_is_given_up() -> None:
    with serving(Reply(body=completion("yes"), pause_s=0.05)) as server:
        client = LlmClient(LlmConfig(base_url=server.url, model="m", timeout_s=0.3), max_attempts=1)
        with pytest.raises(LlmError, match=r"did not answer within 0\.3 s"):
            _ask(client)


def test_json_that_was_asked_for_may_stand_in_a_fence_and_must_be_json() -> None:
    schema = {"type": "object"}
    with answering(lambda body: '```json\n{"a": 1}\n```') as server:
        assert json.loads(_ask(_client(server.url), schema=schema).text) == {"a": 1}
    with answering(lambda body: "Certainly! {") as server, pytest.raises(LlmError, match="not the JSON"):
        _ask(_client(server.url), schema=schema)


def test_a_call_that_the_budget_may_not_cover_is_not_made() -> None:
    with answering(lambda body: "word " * 40) as server:
        client = _client(server.url, tokens_max=300, max_tokens=100)
        _ask(client)
        with pytest.raises(LlmError, match="budget is used up"):
            _ask(client, "and now? " * 50)
        assert len(server.asked) == 1


def test_a_key_never_leaves_unencrypted_and_a_model_must_be_named() -> None:
    with pytest.raises(ConfigError, match="neither https nor on this machine"):
        LlmClient(_config("http://example.org/v1"), Secret(CANARY))
    with pytest.raises(ConfigError, match=r"`llm\.model` is not set"):
        LlmClient(LlmConfig(), Secret(CANARY))


def test_no_text_form_shows_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, CANARY)
    client = LlmClient.of(_config("https://example.org/v1"))
    assert CANARY not in repr(client)
    assert CANARY not in repr(vars(client))
