"""From a raw text to a clean item with its subjects and the moment from which it may be used.

The news actor and the batch API both run this, so they cannot differ.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from math import isfinite
from typing import Final, Protocol

import msgspec

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.dedupe import DuplicateFilter
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.language import detect

TITLE_CHARS: Final = 500
BODY_CHARS: Final = 4_000
SUBJECT_CHARS: Final = 300
SOURCE_CHARS: Final = 80
NS_PER_SECOND: Final = 1_000_000_000
FUTURE_TOLERANCE_NS: Final = 15 * 60 * NS_PER_SECOND

_URL: Final = re.compile(r"https?://[!-~]{1,2000}")
_EVENTS: Final = frozenset(event.value for event in Event)


class Refusal(StrEnum):
    """Why a text was not used."""

    UNDATED = "undated"
    FUTURE = "future"
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


def is_bounded(score: TextScore) -> bool:
    """Tell whether a model's answer keeps within the ranges that `TextScore` promises."""
    numbers = (score.sentiment, score.confidence, score.impact_score)
    return (
        all(isfinite(number) for number in numbers)
        and -1.0 <= score.sentiment <= 1.0
        and 0.0 <= score.confidence <= 1.0
        and 0.0 <= score.impact_score <= 1.0
        and score.event in _EVENTS
    )


class TextPipeline:
    """Cleans texts, drops repeats and what has no known subject, and says when the rest may be used.

    Parameters
    ----------
    ingest_latency_s : float
        Seconds from publication to arrival where the arrival was not recorded, >= 0.
    tickers : iterable of str
        Shares to recognise by their symbol in capitals.
    duplicate_capacity : int
        How many titles are remembered to recognise repeats, >= 1.

    Attributes
    ----------
    counts : Counter[str]
        'accepted', and each `Refusal`, so far.
    """

    def __init__(self, ingest_latency_s: float, tickers: Iterable[str], duplicate_capacity: int) -> None:
        self._latency_ns = round(ingest_latency_s * NS_PER_SECOND)
        self._tickers = frozenset(tickers)
        self._duplicates = DuplicateFilter(duplicate_capacity)
        self.counts: Counter[str] = Counter()

    def accept(self, raw: RawFields) -> PreparedText | Refusal:
        """Return the prepared text, or why it is refused. Texts must come in the order of their `ts_init`."""
        result = self._prepare(raw)
        self.counts[result.value if isinstance(result, Refusal) else "accepted"] += 1
        return result

    def _prepare(self, raw: RawFields) -> PreparedText | Refusal:
        if raw.ts_event <= 0:
            return Refusal.UNDATED
        if raw.ts_event > raw.ts_init + FUTURE_TOLERANCE_NS:
            return Refusal.FUTURE
        plain_body = clean(raw.body, BODY_CHARS)
        plain_title = clean(raw.title, TITLE_CHARS) or plain_body[:TITLE_CHARS].rstrip()
        if not plain_title:
            return Refusal.EMPTY
        if self._duplicates.meet(plain_title):
            return Refusal.DUPLICATE
        entities = link(plain_title, self._tickers) or link(plain_body[:SUBJECT_CHARS], self._tickers)
        if not entities:
            return Refusal.NO_ENTITY
        plain_source = clean(raw.source, SOURCE_CHARS)
        url = raw.url if _URL.fullmatch(raw.url) else ""
        content = "\0".join((plain_source, plain_title, plain_body, url, str(raw.ts_event)))
        return PreparedText(
            item_id=hashlib.blake2b(content.encode(), digest_size=8).hexdigest(),
            source=plain_source,
            title=plain_title,
            body=plain_body,
            url=url,
            language=detect(plain_title),
            entities=entities,
            ts_event=raw.ts_event,
            release_ns=release_time_ns(raw, self._latency_ns),
        )
