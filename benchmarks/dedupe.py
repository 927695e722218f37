"""How well repeats are recognised: ``python -m benchmarks.dedupe [FOLDER] [--show]``.

FOLDER is the development data (../shared/data). In its file of equity headlines 2,102 of 3,365 rows repeat an address;
the same for the crypto headlines, posts and labelled texts, where an address tells little. Compared are the stories of
`model.text.dedupe`, equal titles alone, and SimHash over words (64 bits, at most 3 apart; Charikar 2002), which the
same texts are put to; with ``--meanings`` also the stories with `text.embeddings.duplicates` on (its weights must be
installed; some minutes). With ``--show`` every pair of different titles that was taken for one story is printed.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.command import Command
from sagetrade_nautilus.config import EmbeddingsConfig
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.dedupe import Story, StoryMemory
from sagetrade_nautilus.model.text.meaning import MeaningMemory, MeaningRules
from sagetrade_nautilus.model.text.titles import address_key, read_title
from sagetrade_nautilus.nanos import NANOS_PER_HOUR
from sagetrade_nautilus.nlp.embeddings import load_encoder

WINDOW_H = 72.0
SIMHASH_BITS = 3
Row = tuple[int, str, str]
Judge = Callable[[list[Row]], list[str | None]]


def rows(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield each data set's name and its texts by time: UNIX nanoseconds, cleaned title, address."""
    sets = {
        "equity headlines": ("news/equity_headlines_with_duplicates_2022-07", "published_utc", "title", "article_url"),
        "crypto headlines": ("news/crypto_headlines_2021-10_2022-07", "published_at", "title", "url"),
        "reddit titles": ("news/reddit_titles_2022-01_2022-09", "created_at", "title", "id"),
        "labelled texts": ("labels/twitter_financial_news_topic_train", "", "text", ""),
    }
    for name, (file, at, title, url) in sets.items():
        frame = pd.read_parquet(folder / f"{file}.parquet").dropna(subset=[title])
        times = (
            pd.to_datetime(frame[at], utc=True).dt.as_unit("ns").astype("int64") if at else pd.Series(0, frame.index)
        )
        frame = frame.assign(_at=times).sort_values("_at", kind="stable")
        addresses = frame[url].fillna("") if url else [""] * len(frame)
        yield name, [(int(a), clean(t), u) for a, t, u in zip(frame["_at"], frame[title], addresses, strict=True)]


def stories(texts: list[Row], meanings: MeaningMemory[Story] | None = None) -> list[str | None]:
    """Return for each text the title of the story that it repeats."""
    memory = StoryMemory(100_000, round(WINDOW_H * NANOS_PER_HOUR), meanings)
    titles: dict[str, str] = {}
    found: list[str | None] = []
    for at, title, url in texts:
        story, new = memory.meet(title, url, at)
        if new:
            story.item_id = str(len(found))
            titles[story.item_id] = title
        found.append(None if new else titles[story.item_id])
    return found


def meanings(texts: list[Row]) -> list[str | None]:
    """The same, with the second stage that `text.embeddings` switches on."""
    set_up = EmbeddingsConfig()
    rules = MeaningRules(
        similarity=set_up.duplicate_similarity,
        window_ns=round(set_up.duplicate_window_h * NANOS_PER_HOUR),
        capacity=set_up.duplicate_capacity,
    )
    return stories(texts, MeaningMemory(rules, load_encoder(set_up.folder)))


def equal_titles(texts: list[Row]) -> list[str | None]:
    """The same, by equal titles alone."""
    first: dict[str, tuple[int, str]] = {}
    found: list[str | None] = []
    for at, title, _ in texts:
        key = read_title(title).key
        known = first.get(key)
        fresh = known is None or known[0] + WINDOW_H * NANOS_PER_HOUR <= at
        found.append(None if fresh else known[1] if known else None)
        if fresh:
            first[key] = (at, title)
    return found


def simhash(texts: list[Row]) -> list[str | None]:
    """The same, by SimHash; every earlier text of the window is looked at."""
    marks = np.array([_mark(title) for _, title, _ in texts], dtype=np.uint64)
    times = np.array([at for at, _, _ in texts])
    found: list[str | None] = []
    fresh = np.zeros(len(texts), dtype=bool)
    for number, (at, _, _) in enumerate(texts):
        start = int(np.searchsorted(times, at - WINDOW_H * NANOS_PER_HOUR, side="right"))
        apart = np.bitwise_count(marks[start:number] ^ marks[number])
        near = np.flatnonzero((apart <= SIMHASH_BITS) & fresh[start:number])
        fresh[number] = not len(near)
        found.append(texts[start + int(near[-1])][1] if len(near) else None)
    return found


def _mark(title: str) -> int:
    total = np.zeros(64, dtype=int)
    for word in read_title(title).key.split():
        digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
        total += np.array([1 if digest >> bit & 1 else -1 for bit in range(64)])
    return sum(1 << bit for bit in range(64) if total[bit] > 0)


def counts(texts: list[Row], found: list[str | None]) -> tuple[int, int, int, int, set[tuple[str, str]]]:
    """Return repeated addresses, those recognised, repeats in all, pairs of equal and of different titles elsewhere."""
    seen: set[str] = set()
    repeated = recognised = 0
    pairs: set[tuple[str, str]] = set()
    for (_, title, url), first in zip(texts, found, strict=True):
        address = address_key(url)
        again = bool(address) and address in seen
        repeated += again
        recognised += again and first is not None
        if first is not None and not again:
            pairs.add((first, title))
        seen.add(address)
    different = {(one, other) for one, other in pairs if read_title(one).key != read_title(other).key}
    return repeated, recognised, sum(first is not None for first in found), len(pairs - different), different


def command() -> Command:
    parser = Command("dedupe", __doc__, "a minute, with --meanings some")
    parser.add_argument("folder", type=Path, nargs="?", default="../shared/data", help="the data (%(default)s)")
    parser.add_argument("--meanings", action="store_true", help="compare the stage that compares meanings too")
    parser.add_argument("--only", help="one of the data sets, by the first word of its name")
    parser.add_argument("--show", action="store_true", help="print the pairs of different titles")
    return parser


def main() -> None:
    """Measure, and print a table."""
    parser = command()
    given = parser.parse_args()
    if not given.folder.is_dir():
        parser.error(f"'{given.folder}' is no folder")
    console = Console(width=120)
    table = Table("texts", "by", "rows", "repeated addresses", "recognised", "repeats", "retold: pairs of titles")
    judges: dict[str, Judge] = {"stories": stories, "equal titles": equal_titles, "SimHash": simhash}
    if given.meanings:
        judges["stories, meanings"] = meanings
    for name, texts in rows(given.folder):
        if given.only and not name.startswith(given.only):
            continue
        for judge, call in judges.items():
            repeated, recognised, repeats, _, different = counts(texts, call(texts))
            cells = [f"{number:,}" for number in (len(texts), repeated, recognised, repeats, len(different))]
            table.add_row(name, judge, *cells)
            if given.show and judge != "equal titles":
                for one, other in sorted(different):
                    print(f"{name} | {judge} | {one} | {other}")
    console.print(table)


if __name__ == "__main__":
    main()
