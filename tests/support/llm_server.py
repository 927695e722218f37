"""A server on this machine that speaks the chat-completions API, and answers by a script."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.support.http_server import Reply, Request, ScriptedServer


class LlmServer:
    """Answers each question with what `answer` makes of its body; what it was asked is in `asked`."""

    def __init__(self, answer: Callable[[dict[str, Any]], str], key: str = "") -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer
        self._key = key
        self._server = ScriptedServer(route=self._route)

    @property
    def url(self) -> str:
        return f"{self._server.url}/v1"

    @property
    def headers(self) -> list[dict[str, str]]:
        return [request.headers for request in self._server.requests]

    def close(self) -> None:
        self._server.close()

    def _route(self, request: Request) -> Reply:
        if request.path != "/v1/chat/completions":
            return Reply(404)
        if self._key and request.headers.get("authorization") != f"Bearer {self._key}":
            return Reply(401)
        body = json.loads(request.body)
        self.asked.append(body)
        text = self._answer(body)
        return Reply(body=completion(text, prompt=sum(len(one["content"]) for one in body["messages"]) // 4))


def completion(text: str | None, *, prompt: int = 10, finish: str = "stop", **message: Any) -> bytes:
    """Return the body of a chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
    usage = {"prompt_tokens": prompt, "completion_tokens": len(text or "") // 4, "total_tokens": 0}
    return json.dumps({"id": "c-1", "object": "chat.completion", "choices": [choice], "usage": usage}).encode()


@contextlib.contextmanager
def answering(answer: Callable[[dict[str, Any]], str], key: str = "") -> Iterator[LlmServer]:
    """Run a server as long as the block does."""
    server = LlmServer(answer, key)
    try:
        yield server
    finally:
        server.close()
