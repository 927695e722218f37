from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.news.rss import RssSource, parse
from adapters.news.source import SourceError
from sagetrade_nautilus.errors import ConfigError

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "news"
NANOS = 1_000_000_000
ITEM = "<item><guid>1</guid><title>{title}</title><pubDate>{date}</pubDate></item>"


def rss(title: str = "Bitcoin", date: str = "Mon, 03 Jan 2022 10:00:00 GMT", encoding: str = "utf-8") -> bytes:
    head = f"<?xml version='1.0' encoding='{encoding}'?><rss version='2.0'><channel>"
    return (head + ITEM.format(title=title, date=date) + "</channel></rss>").encode(encoding)


def test_an_entry_becomes_a_post_of_the_feeds_host() -> None:
    [first, second] = parse((FIXTURES / "heraldsun.rss").read_bytes(), "oreilly.com")
    assert (first.title, first.body) == ("The First Item", "This is the first item.")
    assert (first.source, first.url) == ("oreilly.com", "http://www.oreilly.com/example/001.html")
    assert second.title == "The Second Item"


def test_an_entry_without_a_date_has_none_made_up() -> None:
    assert {post.published_ns for post in parse((FIXTURES / "missing-fields.atom").read_bytes(), "x")} == {0}


def test_a_page_that_is_no_feed_is_refused() -> None:
    with pytest.raises(SourceError, match="no RSS or Atom"):
        parse((FIXTURES / "unrecognized.rss").read_bytes(), "x")


def test_markup_is_kept_as_it_came_for_the_pipeline_to_judge() -> None:
    [post] = parse(rss(title="a &lt;span hidden&gt;b&lt;/span&gt;"), "x")
    assert post.title == "a <span hidden>b</span>"


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Mon, 03 Jan 2022 10:00:00 GMT", 1_641_204_000),
        ("Mon, 03 Jan 2022 10:00:00 +0300", 1_641_193_200),
        ("Mon, 03 Jan 2022 10:00:00 +05:30", 1_641_184_200),
        ("Mon, 03 Jan 2022 10:00:00 EST", 1_641_222_000),
        ("Mon, 03 Jan 2022 10:00:00 -0000", 1_641_204_000),
        ("2022-01-03T10:00:00Z", 1_641_204_000),
        ("2022-01-03T10:00:00.25+0530", 1_641_184_200),
        ("2022-01-03T10:00:00-03:30", 1_641_216_600),
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_a_date_is_read_as_utc_or_not_at_all(date: str, published: int) -> None:
    assert parse(rss(date=date), "x")[0].published_ns == published * NANOS


@pytest.mark.parametrize("time", ["T10:00:00", "", " 10:00:00"])
def test_a_time_of_iso_8601_without_a_zone_is_no_date(time: str) -> None:
    assert parse(rss(date=f"2022-01-03{time}"), "x")[0].published_ns == 0


@pytest.mark.parametrize(
    "zone", ["BST", "CEST", "JST", "HST", "UTC+02:00", "America/Sao_Paulo", "+5", "+9999", "PM GMT"]
)
def test_a_zone_that_nobody_can_tell_the_offset_of_makes_no_date_rather_than_one_in_utc(zone: str) -> None:
    assert parse(rss(date=f"Mon, 03 Jan 2022 10:00:00 {zone}"), "x")[0].published_ns == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1256"])
def test_arabic_is_read_in_its_encoding(encoding: str) -> None:
    assert parse(rss(title="ارتفاع البيتكوين", encoding=encoding), "x")[0].title == "ارتفاع البيتكوين"


def test_a_wrong_encoding_gives_a_text_all_the_same() -> None:
    body = rss(title="Caf\u00e9 Bitcoin", encoding="latin-1").replace(b"latin-1", b"utf-8")
    assert "Bitcoin" in parse(body, "x")[0].title


def test_a_feed_that_breaks_off_gives_what_came_before() -> None:
    assert [post.title for post in parse(rss()[:-30], "x")] == ["Bitcoin"]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_refused(body: bytes) -> None:
    with suppress(SourceError):
        parse(body, "x")


@given(st.integers(0, 10_000), st.binary(max_size=4))
def test_a_feed_with_a_hole_in_it_is_a_feed_or_refused(position: int, noise: bytes) -> None:
    whole = (FIXTURES / "heraldsun.rss").read_bytes()
    with suppress(SourceError):
        parse(whole[: position % len(whole)] + noise + whole[position % len(whole) + 7 :], "x")


def test_every_captured_feed_is_read(shared_data: Path) -> None:
    found = {}
    for path in sorted((shared_data / "captures" / "rss").iterdir()):
        try:
            posts = parse(path.read_bytes(), "x")
        except SourceError:
            found[path.name] = -1
            continue
        found[path.name] = len(posts)
        texts = [post.raw_text(1) for post in posts]
        assert all(text.title.encode() is not None for text in texts)
    assert found.pop("unrecognized.rss") == -1
    assert min(found.values()) >= 1, found
    assert sum(found.values()) > 300


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://e.com/x", "e.com/feed", "https://", "", "https://e.com:port/", "https://[e.com/a"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"news\.feeds"):
        RssSource(url)


def test_an_address_with_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError, match="holds a user name") as caught:
        RssSource("https://CANARY-1:CANARY-2@e.com/feed")
    assert "CANARY" not in str(caught.value)


def test_feeds_of_one_host_have_names_of_their_own_that_show_no_key() -> None:
    names = {RssSource(f"https://e.com{path}").name for path in ("/a", "/b", "/a?key=1", "/a?key=2", ":81/a")}
    assert len(names) == 5
    assert not any("key" in name for name in names)
