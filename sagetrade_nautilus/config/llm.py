"""The language model: where it is asked, and what it may cost."""

from typing import Annotated

from msgspec import Meta

from sagetrade_nautilus.config.section import NonNegativeFloat, PositiveFloat, PositiveInt, Section


class LlmConfig(Section, frozen=True):
    """A language model behind any endpoint that speaks the chat-completions API. Its key is the secret `LLM_API_KEY`.

    Parameters
    ----------
    base_url : str
        The API's address, up to and without '/chat/completions'; http is for this machine alone.
    model : str
        The model's name there; without one no model is asked.
    timeout_s : float
        How long one answer may take, in seconds.
    max_tokens : int
        The longest answer, in tokens.
    tokens_max : int
        What one run of ours may use in all, questions and answers together; the call that could exceed it is not made.
    temperature : float
        How freely it answers; 0 is the most repeatable.
    """

    base_url: Annotated[str, Meta(pattern="^https?://")] = "http://127.0.0.1:11434/v1"
    model: str = ""
    timeout_s: PositiveFloat = 120.0
    max_tokens: PositiveInt = 4_096
    tokens_max: PositiveInt = 200_000
    temperature: NonNegativeFloat = 0.0
