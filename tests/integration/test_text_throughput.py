"""The benchmark of texts at a small size: what it counts is right, and a burst loses nothing."""

import asyncio
from pathlib import Path

from adapters.messaging.outbox import Outbox
from benchmarks.text import CAPACITY, WINDOW_NS, burst, chain, made_texts
from sagetrade_nautilus.model.text.dedupe import StoryMemory


def test_every_tenth_made_text_is_a_repeat_and_all_are_stored(tmp_path: Path) -> None:
    log = Outbox(tmp_path / "t.sqlite", CAPACITY)
    stories = chain(made_texts(2_000), StoryMemory(100_000, WINDOW_NS), log)
    assert len(log) == 2_000
    assert 1_780 <= stories <= 1_800  # the headlines themselves hold a few repeats


def test_a_burst_that_is_larger_than_the_buffer_loses_no_text(tmp_path: Path) -> None:
    kept, _ = asyncio.run(burst(made_texts(25_000), tmp_path / "burst.sqlite"))
    assert kept == 25_000
