"""From a raw text to a clean item with its subjects and the moment from which it may be used.

The news actor and the batch API both run this, so they cannot differ.
"""

import hashlib
import re
from collections import Counter
from enum import StrEnum
from math import isfinite
from typing import Final, Protocol

import msgspec

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.dedupe import Story, StoryMemory
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.language import detect
from sagetrade_nautilus.model.text.meaning import MeaningMemory
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

TITLE_CHARS: Final = 500
BODY_CHARS: Final = 4_000
SUBJECT_CHARS: Final = 300
SOURCE_CHARS: Final = 80
FUTURE_TOLERANCE_NS: Final = 15 * NANOS_PER_MINUTE

_URL: Final = re.compile(r"https?://[!-~]{1,2000}")
_EVENTS: Final = frozenset(event.value for event in Event)


class Refusal(StrEnum):
    """Why a text was not used."""

    UNDATED = "undated"
    FUTURE = "future"
    STALE = "stale"
    LATE = "late"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    NO_ENTITY = "no_entity"


class RawFields(Protocol):
    """What the pipeline reads of a raw text, whatever type carries it; fields as in `data.RawText`."""

    source: str
    title: str
    body: str
    url: str
    first_seen_known: bool

    @property
    def ts_event(self) -> int: ...

    @property
    def ts_init(self) -> int: ...


class PreparedText(msgspec.Struct, frozen=True):
    """A text that may be used from `release_ns` on. Everything in it is plain text."""

    item_id: str
    source: str
    title: str
    body: str
    url: str
    language: str
    entities: tuple[str, ...]
    ts_event: int
    release_ns: int


class Repeat(msgspec.Struct, frozen=True):
    """A text that tells a story which was told before: it counts no second time.

    Parameters
    ----------
    item_id : str
        Of the item that told the story first; empty where that text was refused.
    also_at : tuple[str, ...]
        All other addresses where that story was told so far.
    """

    item_id: str
    also_at: tuple[str, ...]


class PipelineRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a `TextPipeline` goes by.

    Parameters
    ----------
    ingest_latency_ns : int
        From publication to arrival where the arrival was not recorded, >= 0.
    max_age_ns : int
        A text first seen (stale), or heard (late), longer than this after its publication is no news.
    duplicate_capacity : int
        How many stories are remembered to recognise repeats, >= 1.
    duplicate_window_ns : int
        How long each is remembered.
    tickers : frozenset[str]
        Shares to recognise by their symbol in capitals.
    """

    ingest_latency_ns: int
    max_age_ns: int
    duplicate_capacity: int
    duplicate_window_ns: int
    tickers: frozenset[str] = frozenset()


def release_time_ns(raw: RawFields, ingest_latency_ns: int) -> int:
    """Return the first nanosecond at which a text may be used.

    Where its first sight was recorded, that is `ts_init`, and always after publication. Where it was not,
    the text is taken to arrive `ingest_latency_ns` after publication and is used strictly after that.
    """
    if raw.first_seen_known:
        return max(raw.ts_init, raw.ts_event + 1)
    return max(raw.ts_init, raw.ts_event + ingest_latency_ns) + 1


def model_text(title: str, body: str) -> str:
    """Return what a text model reads of an item: the title, and how the body opens."""
    return f"{title}. {body[:SUBJECT_CHARS]}" if body and body != title else title


def is_bounded(score: object) -> bool:
    """Tell whether a model's answer is a `TextScore` that keeps within the ranges which that promises."""
    if not isinstance(score, TextScore):
        return False
    numbers = (score.sentiment, score.confidence, score.impact_score)
    return (
        all(isinstance(number, float) and isfinite(number) for number in numbers)
        and -1.0 <= score.sentiment <= 1.0
        and 0.0 <= score.confidence <= 1.0
        and 0.0 <= score.impact_score <= 1.0
        and isinstance(score.event, str)
        and score.event in _EVENTS
    )


class TextPipeline:
    """Cleans texts, drops repeats and what has no known subject, and says when the rest may be used.

    Parameters
    ----------
    rules : PipelineRules
    meanings : MeaningMemory, optional
        What recognises a story told in quite other words; without it the words alone decide.

    Attributes
    ----------
    counts : Counter[str]
        'accepted', and each `Refusal`, so far.
    """

    def __init__(self, rules: PipelineRules, meanings: MeaningMemory[Story] | None = None) -> None:
        self._rules = rules
        self._stories = StoryMemory(rules.duplicate_capacity, rules.duplicate_window_ns, meanings)
        self.counts: Counter[str] = Counter()

    def accept(self, raw: RawFields, heard_ns: int | None = None) -> PreparedText | Repeat | Refusal:
        """Return the prepared text, or what it repeats, or why it is refused.

        Texts must come in the order of their `ts_init`.

        Parameters
        ----------
        raw : RawFields
            The text.
        heard_ns : int, optional
            The present, where a text may have waited on its way; by default it is heard when it is first seen.
        """
        result = self._untimely(raw, raw.ts_init if heard_ns is None else heard_ns) or self._prepare(raw)
        if isinstance(result, PreparedText):
            self.counts["accepted"] += 1
        else:
            self.counts[(Refusal.DUPLICATE if isinstance(result, Repeat) else result).value] += 1
        return result

    def _prepare(self, raw: RawFields) -> PreparedText | Repeat | Refusal:
        body = clean(raw.body, BODY_CHARS) if raw.body else ""
        title = clean(raw.title, TITLE_CHARS) or body[:TITLE_CHARS].rstrip()
        if not title:
            return Refusal.EMPTY
        url = raw.url if _URL.fullmatch(raw.url) else ""
        story, is_new = self._stories.meet(title, url, raw.ts_init)
        if story.item_id:
            return Repeat(story.item_id, story.also_at)
        tickers = self._rules.tickers
        entities = link(title, tickers) or link(body[:SUBJECT_CHARS], tickers)
        if entities:
            return self._item(raw, story, title, body, url, entities)
        return Refusal.NO_ENTITY if is_new else Repeat("", story.also_at)

    def _untimely(self, raw: RawFields, heard_ns: int) -> Refusal | None:
        if raw.ts_event <= 0:
            return Refusal.UNDATED
        if raw.ts_event > raw.ts_init + FUTURE_TOLERANCE_NS or raw.ts_init > heard_ns + FUTURE_TOLERANCE_NS:
            return Refusal.FUTURE
        oldest_ns = raw.ts_event + self._rules.max_age_ns
        if raw.ts_init > oldest_ns:
            return Refusal.STALE
        return Refusal.LATE if heard_ns > oldest_ns else None

    def _item(
        self, raw: RawFields, story: Story, title: str, body: str, url: str, entities: tuple[str, ...]
    ) -> PreparedText:
        source = clean(raw.source, SOURCE_CHARS)
        content = "\0".join((source, title, body, url, str(raw.ts_event)))
        story.item_id = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
        return PreparedText(
            item_id=story.item_id,
            source=source,
            title=title,
            body=body,
            url=url,
            language=detect(title),
            entities=entities,
            ts_event=raw.ts_event,
            release_ns=release_time_ns(raw, self._rules.ingest_latency_ns),
        )
