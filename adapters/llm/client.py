"""Asking a language model: bounded in time, bytes and tokens, and asked again where that may help."""

import asyncio
import logging
import time
from math import ceil
from typing import Any, Final

import httpx
import msgspec

from adapters.common.addresses import is_safe
from adapters.common.headers import retry_after_s
from adapters.common.retry import TransientError, retry
from adapters.llm.completion import Completion, CompletionRequest, Kept, Usage
from sagetrade_nautilus.config.llm import LlmConfig
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, LlmError
from sagetrade_nautilus.secrets import Secret, find_secret

KEY: Final = "LLM_API_KEY"
CONNECT_TIMEOUT_S: Final = 10.0
ANSWER_BYTES_MAX: Final = 4_000_000
BYTES_PER_TOKEN: Final = 2.0
"""A cautious guess of what a question costs before it is asked; afterwards the endpoint's own count stands."""
BUSY: Final = frozenset({408, 409, 425, 429})

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole addresses


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: Usage | None = None


class LlmClient:
    """Asks one model at one endpoint.

    Parameters
    ----------
    config : LlmConfig
        Where, whom, and how much in all.
    key : Secret, optional
        What the endpoint asks for.
    kept : Kept, optional
        Answers that are there already are not asked for again, and cost nothing; others are kept there.
    max_attempts, backoff_seconds : int, float
        How often a call that may work later is made, and the first wait.

    Raises
    ------
    ConfigError
        No model is named, or the key would leave this machine without encryption.
    """

    def __init__(
        self,
        config: LlmConfig,
        key: Secret | None = None,
        kept: Kept | None = None,
        *,
        max_attempts: int = 3,
        backoff_seconds: float = 2.0,
    ) -> None:
        if not config.model:
            raise ConfigError("`llm.model` is not set: name the model that the endpoint serves")
        if not is_safe(config.base_url):
            raise ConfigError(f"`llm.base_url`: {config.base_url} is neither https nor on this machine")
        self._config = config
        self._key = key
        self._kept = kept
        self._spent = 0
        self._ask = retry(max_attempts, backoff_seconds)(self._once)

    @classmethod
    def of(cls, config: LlmConfig, kept: Kept | None = None) -> "LlmClient":
        """Return a client with the key from the environment or the secrets' file, if there is one."""
        return cls(config, find_secret(KEY), kept)

    @property
    def spent(self) -> int:
        """The tokens that were used so far, questions and answers together."""
        return self._spent

    async def complete(
        self, system: str, user: str, *, schema: dict[str, Any] | None = None, max_tokens: int | None = None
    ) -> Completion:
        """Return the model's answer.

        Parameters
        ----------
        system, user : str
            Who it is, and what is asked.
        schema : dict, optional
            The JSON schema that the answer must follow; the answer is then JSON, which the caller still has to check.
        max_tokens : int, optional
            The longest answer; `LlmConfig.max_tokens` unless given, and never more.

        Raises
        ------
        LlmError
            The budget does not allow it, the endpoint cannot be reached, refuses, or does not answer what was asked.
            The message holds no key, no question and no answer.
        """
        most = min(max_tokens or self._config.max_tokens, self._config.max_tokens)
        asked = CompletionRequest(
            model=self._config.model,
            system=system,
            user=user,
            response_schema=schema,
            max_tokens=most,
            temperature=self._config.temperature,
        )
        found = self._kept.find(asked) if self._kept else None
        if found is not None:
            return found
        guess = ceil(len((system + user).encode()) / BYTES_PER_TOKEN)
        self._afford(guess + most)
        try:
            text, usage = await self._ask(asked)
        except TransientError as error:
            raise LlmError(f"the language model cannot be asked now: {error}") from None
        spent = usage or Usage(guess, ceil(len(text.encode()) / BYTES_PER_TOKEN))
        self._spent += spent.total
        completion = Completion(text, spent)
        if self._kept:
            self._kept.keep(asked, completion)
        return completion

    def _afford(self, tokens: int) -> None:
        left = self._config.tokens_max - self._spent
        if tokens > left:
            raise LlmError(
                f"the budget is used up: the call could take {tokens:,} tokens and {left:,} are left of "
                f"`llm.tokens_max` {self._config.tokens_max:,}"
            )

    async def _once(self, asked: CompletionRequest) -> tuple[str, Usage | None]:
        headers = {"Authorization": f"Bearer {self._key.reveal()}"} if self._key else {}
        timeout = httpx.Timeout(self._config.timeout_s, connect=CONNECT_TIMEOUT_S)
        url = f"{self._config.base_url.rstrip('/')}/chat/completions"
        try:
            async with (
                asyncio.timeout(self._config.timeout_s),
                httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", url, headers=headers, json=_body(asked)) as response,
            ):
                raw = await _bounded(response)
        except TimeoutError:
            raise TransientError(f"it did not answer within {self._config.timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TransientError(f"it cannot be reached ({type(error).__name__})") from None
        return answer_text(raw, is_json=asked.response_schema is not None)


def _body(asked: CompletionRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": asked.model,
        "messages": [{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}],
        "max_tokens": asked.max_tokens,
        "temperature": asked.temperature,
    }
    if asked.response_schema is not None:
        schema = {"name": "answer", "strict": True, "schema": asked.response_schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


async def _bounded(response: httpx.Response) -> bytes:
    """Return the body of a good answer; raise for any other."""
    status = response.status_code
    if status in BUSY or status >= 500:
        raise TransientError(f"it answered {status}", retry_after_s(response.headers, time.time()))
    if status in {401, 403}:
        raise LlmError(f"the language model's endpoint refuses the key ({status}); is {KEY} right?")
    if status != 200:
        raise LlmError(f"the language model's endpoint answered {status}; are `llm.base_url` and `llm.model` right?")
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > ANSWER_BYTES_MAX:
            raise LlmError(f"the language model's answer is longer than {ANSWER_BYTES_MAX} bytes")
        parts.append(part)
    return b"".join(parts)


def answer_text(raw: bytes, *, is_json: bool) -> tuple[str, Usage | None]:
    """Return the text of an endpoint's answer, and what it took."""
    try:
        answer = msgspec.json.decode(raw, type=_Answer)
    except UNDECODABLE:
        raise LlmError("the endpoint's answer is no chat completion") from None
    if not answer.choices or not answer.choices[0].message.content:
        raise LlmError("the language model gave no answer, or refused one")
    choice = answer.choices[0]
    if choice.finish_reason == "length":
        raise LlmError("the language model's answer was cut off; raise `llm.max_tokens`")
    text = choice.message.content or ""
    if is_json:
        text = _unfenced(text)
        try:
            msgspec.json.decode(text)
        except UNDECODABLE:
            raise LlmError("the language model's answer is not the JSON that was asked for") from None
    return text, answer.usage


def _unfenced(text: str) -> str:
    """Return the text without the code fence that some models put round JSON."""
    stripped = text.strip()
    if not stripped.startswith("```"):
        return stripped
    return stripped.removeprefix("```json").removeprefix("```").removesuffix("```").strip()
