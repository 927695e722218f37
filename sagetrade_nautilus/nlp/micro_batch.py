"""Texts that come one by one, scored a batch at a time: a model is several times faster so."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.protocol import TextModel

MAX_BATCH: Final = 256
MAX_WAIT_S: Final = 0.005

Waiting = tuple[str, asyncio.Future[TextScore]]


class MicroBatcher:
    """Gathers what is asked within a few milliseconds and asks the model once. For one event loop.

    A text's score is the model's, whatever it is gathered with. The first text waits at most `max_wait_s` and a full
    batch not at all; while the model computes, nothing else runs on the loop.

    Parameters
    ----------
    model : TextModel
    max_batch : int
        Texts that are scored at once, >= 1.
    max_wait_s : float
        Seconds that the first text of a batch waits for others, >= 0.
    """

    def __init__(self, model: TextModel, max_batch: int = MAX_BATCH, max_wait_s: float = MAX_WAIT_S) -> None:
        self._model, self._max_batch, self._max_wait_s = model, max_batch, max_wait_s
        self._waiting: list[Waiting] = []
        self._timer: asyncio.TimerHandle | None = None

    async def analyse(self, text: str) -> TextScore:
        """Return the model's score of `text`. An error of the model is raised to each who waits for the batch."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[TextScore] = loop.create_future()
        self._waiting.append((text, future))
        if len(self._waiting) >= self._max_batch:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._max_wait_s, self._flush)
        return await future

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # Who was cancelled while waiting is not scored.
        batch = [(text, future) for text, future in self._waiting if not future.done()]
        self._waiting = []
        if batch:
            self._score(batch)

    def _score(self, batch: Sequence[Waiting]) -> None:
        try:
            scores = self._model.analyse([text for text, _ in batch])
            for (_, future), score in zip(batch, scores, strict=True):
                future.set_result(score)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
