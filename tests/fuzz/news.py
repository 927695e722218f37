"""Targets: what sources of texts and other processes send, and what becomes of any text."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import requests

from adapters.common.headers import pause_s, retry_after_s
from adapters.messaging.wire import Message, pack, unpack
from adapters.news import alpaca, alpaca_stream, reddit, rss, telegram, x, x_stream
from adapters.news.post import Post, Seen
from adapters.news.source import SourceError
from sagetrade_nautilus.data import RawText, TextItem, TextSignal
from sagetrade_nautilus.errors import MessagingError
from sagetrade_nautilus.model.text.clean import MAX_CHARS, clean
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.event_table import CLASSIFIER
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.financial import sentiment_of
from sagetrade_nautilus.model.text.language import detect
from sagetrade_nautilus.model.text.pipeline import PipelineRules, TextPipeline, is_bounded
from sagetrade_nautilus.model.text.sentiment import LexiconModel
from sagetrade_nautilus.model.text.titles import address_key, read_title, search_keys
from sagetrade_nautilus.model.text.topics import TopicClassifier
from tests.fuzz.target import Target, refused, text_of
from tests.support.checkout import ROOT

TOKEN = b'{"access_token": "t", "token_type": "bearer", "expires_in": 3600, "scope": "*"}'
TOPICS = TopicClassifier()
RULES = PipelineRules(ingest_latency_ns=1, max_age_ns=10**12, duplicate_capacity=9, duplicate_window_ns=10**12)
NOW_NS = 1_800_000_000_000_000_000
FEEDS = tuple(
    path.read_bytes() for path in sorted((ROOT / "tests/fixtures/news").iterdir()) if path.suffix in (".rss", ".atom")
)
BOMB = b"""<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>
<rss><channel><item>&b;</item></channel></rss>"""
TWEETS = (ROOT / "tests/fixtures/news/x_search.json").read_bytes()
REDDIT = (ROOT / "tests/fixtures/news/reddit_new.json").read_bytes()
ARTICLE = b'{"T":"n","id":1,"created_at":"2022-01-01T00:00:00Z","headline":"Up","summary":"s","url":"https://e.org","source":"b"}'
TEXT = RawText(1, 2, source="s", title="Bitcoin rises 5%", body="b", url="https://e.org", first_seen_known=True)
ITEM = TextItem(1, 2, item_id="i", source="s", title="t", body="b", url="u", language="en", entities="BTC")
SIGNAL = TextSignal(
    1, 2, entity="BTC", sentiment=0.5, confidence=0.5, event="other", impact_score=0.1, source="s", item_id="i", url=""
)
ENTRIES = tuple(pack("k", "t", data).payload for data in (TEXT, ITEM, SIGNAL))
DEEP = b'{"x":' + b"[" * 30_000
TITLES = tuple(
    text.encode()
    for text in (
        "Bitcoin (BTC) rises 5.5% to $43,000 after <b>SEC</b> approves ETF &amp; more",
        "\u0627\u0631\u062a\u0641\u0639 \u0627\u0644\u0628\u064a\u062a\u0643\u0648\u064a\u0646 5%",
        "<script>x</script><p style='display:none'>hidden</p>\u202e\u200b\u0301 $TSLA \U0001f680",
        "<" * 200 + "&#x110000;&#0;" + "a" * 200 + "<!--",
        "\ufdfa" * 60,
        "https://www.example.org:99999/a?b=c#d http://[::1/ ",
    )
)


def _post(post: Post) -> None:
    """What a source gives must fit the bus, the catalog and the other processes."""
    assert isinstance(post.published_ns, int)
    Seen().is_new(post)
    if post.is_dated:
        raw = post.raw_text(NOW_NS)
        assert raw.title.encode() is not None
        pack("key", "topic", raw)


def feed(raw: bytes) -> None:
    with refused(SourceError):
        for post in rss.parse(raw, "example.org", "application/rss+xml"):
            _post(post)


def posts(read: Callable[[bytes], tuple[Post, ...]]) -> Callable[[bytes], None]:
    def check(raw: bytes) -> None:
        with refused(SourceError):
            for post in read(raw):
                _post(post)

    return check


def line(raw: bytes) -> None:
    found = x_stream.streamed(raw)
    if isinstance(found, Post):
        _post(found)
    else:
        assert str(found)


def stream(raw: bytes) -> None:
    with refused(SourceError):
        found, skipped = alpaca_stream.read(raw)
        assert skipped >= 0
        for post in found:
            _post(post)


class _Session(requests.Session):
    """Answers every request of praw: with a token, then with `raw`."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **settings: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.url, answer.encoding = 200, str(url), "utf-8"
        answer._content = TOKEN if "access_token" in str(url) else self._raw
        return answer


def submissions(raw: bytes) -> None:
    def connect(*keys: str) -> Any:
        return reddit.client(*keys, requestor_kwargs={"session": _Session(raw)})

    source = reddit.RedditSource(["a"], lambda name: name, connect=connect)
    with refused(SourceError):
        for post in source._posts("id", "secret"):
            _post(post)


def channel(raw: bytes) -> None:
    text = text_of(raw)
    chat = SimpleNamespace(username=text[:9] or None)
    message = SimpleNamespace(chat=chat, chat_id=1, id=2, message=text, date=datetime(2022, 1, 1, tzinfo=UTC))
    _post(telegram.post_of(message))


def entry(raw: bytes) -> None:
    """A stream's entry: read as the message that it is, or refused; what was read can be sent again."""
    for kind in (RawText, TextItem, TextSignal):
        with refused(MessagingError):
            found = unpack({b"payload": raw}, kind)
            with refused(MessagingError):
                again = pack("k", "t", found)
                assert isinstance(again, Message)
                assert unpack(dict.fromkeys([b"payload"], again.payload), kind) == found
    with refused(MessagingError):
        unpack({b"topic": raw}, RawText)


def headers(raw: bytes) -> None:
    text = text_of(raw)
    names = ("retry-after", "x-rate-limit-reset", "x-ratelimit-remaining")
    for name in names:
        given = {name: text, "x-rate-limit-remaining": "0"}
        assert 0.0 <= retry_after_s(given, 1.0) < float("inf")
        assert 0.0 <= pause_s(given, 1.0) < float("inf")


def cleaning(raw: bytes) -> None:
    text = text_of(raw)
    once = clean(text)
    assert len(once) <= MAX_CHARS
    assert clean(once) == once
    assert all(not "\ud800" <= letter <= "\udfff" for letter in once)
    assert all(letter.isprintable() or letter == "\n" for letter in once)


def reading(raw: bytes) -> None:
    text = clean(text_of(raw))
    assert detect(text)
    link(text, ["BTC"])
    search_keys(read_title(text))
    address_key(text_of(raw))
    assert CLASSIFIER.classify(text) in Event
    sentiment, confidence = sentiment_of(text)
    assert -1.0 <= sentiment <= 1.0
    assert 0.0 <= confidence <= 1.0


def scoring(raw: bytes) -> None:
    text = text_of(raw)
    (score,) = LexiconModel().analyse([text])
    assert is_bounded(score)
    (row,) = TOPICS.probabilities([text])
    assert abs(row.sum() - 1.0) < 1e-9


def pipeline(raw: bytes) -> None:
    text = text_of(raw)
    title, _, rest = text.partition("\n")
    body, _, url = rest.partition("\n")
    made = TextPipeline(RULES)
    found = made.accept(RawText(1, 2, source=title[:9], title=title, body=body, url=url, first_seen_known=True))
    assert found is not None


TARGETS = {
    "rss": Target((*FEEDS, BOMB), feed, slow=True),
    "x": Target(
        (
            TWEETS,
            b'{"data":[{"id":"' + b"9" * 60 + b'"}]}',
            b'{"data":[{"id":"-1","created_at":"0001-01-01T00:00:00+23:59"}]}',
            DEEP,
        ),
        posts(x.tweets),
    ),
    "x-stream": Target(
        (b'{"data":' + TWEETS[TWEETS.index(b"[") + 1 : TWEETS.index(b"}") + 1] + b"}", b'{"errors":[]}', DEEP), line
    ),
    "reddit": Target(
        (REDDIT, REDDIT.replace(b"1456819970.0", b"1e999"), b"[" * 30_000),
        submissions,
    ),
    "telegram-channel": Target(TITLES, channel),
    "alpaca-news": Target(
        (
            b'{"news":[' + ARTICLE + b"]}",
            b'{"news":[' + ARTICLE.replace(b"2022", b"9999") + b"]}",
            DEEP,
        ),
        posts(alpaca.articles),
    ),
    "alpaca-news-stream": Target(
        (
            b"[" + ARTICLE + b"]",
            b'[{"T":"error","code":402}]',
            b'[{"T":"n","x":' + b"[" * 30_000 + b"]" * 30_000 + b"}]",
        ),
        stream,
    ),
    "redis": Target((*ENTRIES, ENTRIES[0].replace(b'"1"', b'"' + b"9" * 30 + b'"'), DEEP), entry),
    "headers": Target(
        (b"120", b"Wed, 21 Oct 2015 07:28:00 GMT", b"1e308", b"nan", b"Mon, 1 Jan 0001 00:00:00 +2359"), headers
    ),
    "clean": Target(TITLES, cleaning),
    "read-text": Target(TITLES, reading),
    "score-text": Target(TITLES, scoring, slow=True),
    "pipeline": Target(tuple(title + b"\nbody\nhttps://e.org" for title in TITLES), pipeline, slow=True),
}
