"""How many texts a second one core takes: ``python -m benchmarks.text [TEXTS]``.

The texts are the bundled headlines, told again and again with other names and numbers so that they stay different
stories, and every tenth a repeat. Stages are measured one by one, then the chain that every text goes through (clean,
recognise repeats, store), then all of the pipeline. The burst sends texts through the supervisor as fast as it can,
ten times what the reader is let to take in the same time, and counts what arrives. Figures are processor seconds of
this process, except the burst's, which are seconds on the clock.
"""

import asyncio
import gc
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from adapters.messaging.outbox import Outbox
from adapters.messaging.wire import RAW_TEXT_TOPIC, Message, content_id, pack
from adapters.news.supervisor import Supervisor
from benchmarks.command import Command, from_one
from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.dedupe import StoryMemory
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.language import detect
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.nlp.messages import create_pipeline

SAMPLE = Path(__file__).resolve().parents[1] / "catalog" / "sample" / "crypto_headlines.parquet"
START = 1_650_000_000 * NANOS_PER_SECOND
BATCH = 500
CAPACITY = 1_000_000
GOAL_PER_S = 30_000
BURST_SIZE = 10
BURST_S = 0.5
WINDOW_NS = 72 * 3_600 * NANOS_PER_SECOND


def made_texts(count: int) -> list[RawText]:
    """Return `count` texts, a tenth of them repeats of the one before under another address."""
    titles = [title for title in pq.read_table(SAMPLE, columns=["title"])["title"].to_pylist() if title]
    texts = []
    for number in range(count):
        origin = number - 1 if number % 10 == 9 else number
        title = f"{titles[origin % len(titles)]} Nr{origin // len(titles)}"
        at = START + number * NANOS_PER_SECOND // 1_000
        url = f"https://www.example.com/{number % 7}/story-{number}"
        texts.append(RawText(at, at, source=f"Paper{number % 7}", title=title, body="", url=url, first_seen_known=True))
    return texts


def chain(texts: Sequence[RawText], memory: StoryMemory, log: Outbox) -> int:
    """Clean, recognise repeats and store; return how many stories there were."""
    stories = 0
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        for text in batch:
            stories += memory.meet(clean(text.title, 500), text.url, text._ts_init)[1]
        log.add(packed(batch))
    return stories


def packed(texts: Sequence[RawText]) -> list[Message]:
    """Return texts as `sagetool ingest` keeps them."""
    return [pack(content_id(text), RAW_TEXT_TOPIC, text) for text in texts]


def stages(texts: list[RawText], folder: Path) -> dict[str, Callable[[], object]]:
    """Return each stage as a call over all texts."""
    titles = [text.title for text in texts]
    cleaned = [clean(title, 500) for title in titles]
    fresh = iter(range(1_000))

    def log() -> Outbox:
        return Outbox(folder / f"{next(fresh)}.sqlite", CAPACITY)

    def store(into: Outbox) -> None:
        for first in range(0, len(texts), BATCH):
            into.add(packed(texts[first : first + BATCH]))

    def remember() -> None:
        memory = StoryMemory(100_000, WINDOW_NS)
        for title, text in zip(cleaned, texts, strict=True):
            memory.meet(title, text.url, text._ts_init)

    def pipeline() -> None:
        accept = create_pipeline(TextConfig()).accept
        for text in texts:
            accept(text)

    return {
        "clean": lambda: [clean(title, 500) for title in titles],
        "recognise repeats": remember,
        "store (SQLite, batches of 500)": lambda: store(log()),
        "clean + recognise repeats + store": lambda: chain(texts, StoryMemory(100_000, WINDOW_NS), log()),
        "link subjects": lambda: [link(title) for title in cleaned],
        "detect the language": lambda: [detect(title) for title in cleaned],
        "the whole pipeline, not stored": pipeline,
    }


def rate(call: Callable[[], object], count: int, repeat: int = 3) -> float:
    """Return texts a processor second, the best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        began = time.process_time()
        call()
        best = min(best, time.process_time() - began)
    return count / best


def memory_mb(count: int) -> float:
    """Return megabytes per million stories remembered, as Python's allocator counts them."""
    texts = made_texts(count)
    tracemalloc.start()
    memory = StoryMemory(count, 10 * WINDOW_NS)
    for text in texts:
        memory.meet(text.title, text.url, text._ts_init)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / len(memory)


class Burst:
    """A source that yields all of its texts at once."""

    name = "burst"

    def __init__(self, texts: list[RawText]) -> None:
        self._texts = texts
        self.took_s = 0.0

    async def texts(self) -> AsyncIterator[RawText]:
        began = time.perf_counter()
        for text in self._texts:
            yield text
        self.took_s = time.perf_counter() - began

    async def aclose(self) -> None:
        """Nothing is held."""


async def burst(texts: list[RawText], path: Path) -> tuple[int, float]:
    """Read a burst through the supervisor into a pipeline and a log; return texts kept, and seconds until the last."""
    log, accept = Outbox(path, CAPACITY), create_pipeline(TextConfig()).accept
    waiting: list[RawText] = []
    began = time.perf_counter()
    async for text in Supervisor([Burst(texts)], lambda line: None).texts():
        accept(text)
        waiting.append(text)
        if len(waiting) == BATCH:
            log.add(packed(waiting))
            waiting = []
    log.add(packed(waiting))
    kept = len(log)
    log.close()
    return kept, time.perf_counter() - began


def command() -> Command:
    parser = Command("text", __doc__, "some minutes")
    parser.add_argument("texts", type=from_one, nargs="?", default=50_000, help="texts of each stage (%(default)s)")
    return parser


def main() -> None:
    """Measure, and print one line for each figure."""
    number = command().parse_args().texts
    console = Console(width=100)
    table = Table("stage", "texts/s", "us a text", title=f"{number:,} texts on one core")
    texts = made_texts(number)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for name, call in stages(texts, Path(folder)).items():
            speed = rate(call, number)
            table.add_row(name, f"{speed:,.0f}", f"{1e6 / speed:.1f}")
        console.print(table)
        console.print(f"goal for clean + recognise repeats + store: {GOAL_PER_S:,} texts/s")
        console.print(f"remembered stories: {memory_mb(number):,.0f} MB per million")
        many = made_texts(round(GOAL_PER_S * BURST_SIZE * BURST_S))
        kept, took_s = asyncio.run(burst(many, Path(folder) / "burst.sqlite"))
        console.print(
            f"burst: {len(many):,} texts at once ({BURST_SIZE} times the goal's rate for {BURST_S:g} s), "
            f"{kept:,} kept, {len(many) - kept} lost, {took_s:.1f} s until the last was stored"
        )


if __name__ == "__main__":
    main()
