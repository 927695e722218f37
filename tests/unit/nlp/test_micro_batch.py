import asyncio
from collections.abc import Sequence

import pytest

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.embedded import EmbeddedModel
from sagetrade_nautilus.nlp.micro_batch import MicroBatcher


class Counting:
    """A model that remembers its batches."""

    name = "counting-1"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        self.batches.append(list(items))
        if "bad" in items:
            raise ValueError("bad text")
        return [TextScore(0.0, float(len(item)), "other", 0.0) for item in items]


def test_texts_that_come_together_are_scored_together_and_each_gets_its_own() -> None:
    model = Counting()

    async def ask() -> list[TextScore]:
        batcher = MicroBatcher(model, max_batch=100, max_wait_s=0.001)
        return await asyncio.gather(*(batcher.analyse("x" * n) for n in range(10)))

    assert [score.confidence for score in asyncio.run(ask())] == list(range(10))
    assert len(model.batches) == 1


def test_a_full_batch_does_not_wait() -> None:
    model = Counting()

    async def ask() -> None:
        batcher = MicroBatcher(model, max_batch=4, max_wait_s=3_600.0)
        async with asyncio.timeout(5.0):
            await asyncio.gather(*(batcher.analyse(str(n)) for n in range(8)))

    asyncio.run(ask())
    assert model.batches == [list("0123"), list("4567")]


def test_a_lone_text_waits_no_longer_than_it_must() -> None:
    async def ask() -> TextScore:
        async with asyncio.timeout(5.0):
            return await MicroBatcher(Counting(), max_wait_s=0.001).analyse("alone")

    assert asyncio.run(ask()).confidence == 5.0


def test_an_error_of_the_model_reaches_everyone_in_the_batch_and_nobody_after() -> None:
    async def ask() -> tuple[list[object], TextScore]:
        batcher = MicroBatcher(Counting(), max_wait_s=0.001)
        failed = await asyncio.gather(batcher.analyse("bad"), batcher.analyse("good"), return_exceptions=True)
        return failed, await batcher.analyse("good")

    failed, after = asyncio.run(ask())
    assert [type(error) for error in failed] == [ValueError, ValueError]
    assert after.confidence == 4.0


def test_who_gives_up_is_not_scored() -> None:
    model = Counting()

    async def ask() -> None:
        batcher = MicroBatcher(model, max_wait_s=0.01)
        gone = asyncio.ensure_future(batcher.analyse("gone"))
        stays = asyncio.ensure_future(batcher.analyse("stays"))
        await asyncio.sleep(0)
        gone.cancel()
        await stays
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(ask())
    assert model.batches == [["stays"]]


def test_the_scores_are_those_of_one_text_alone() -> None:
    model, texts = EmbeddedModel(), ["Profit rose", "Costs rose", "Fed raises rates", ""]

    async def ask() -> list[TextScore]:
        batcher = MicroBatcher(model)
        return await asyncio.gather(*map(batcher.analyse, texts))

    assert asyncio.run(ask()) == [model.analyse([text])[0] for text in texts]
