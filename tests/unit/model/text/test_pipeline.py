from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.pipeline import (
    FUTURE_TOLERANCE_NS,
    PipelineRules,
    PreparedText,
    Refusal,
    Repeat,
    TextPipeline,
    is_bounded,
    model_text,
    release_time_ns,
)
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

T0 = 1_650_000_000 * NANOS_PER_SECOND


@dataclass
class Raw:
    title: str = "Bitcoin rises"
    body: str = ""
    source: str = "Wire"
    url: str = "https://example.com/a?x=1&copy=2"
    ts_event: int = T0
    ts_init: int = T0
    first_seen_known: bool = False


def pipeline() -> TextPipeline:
    return TextPipeline(
        PipelineRules(
            ingest_latency_ns=60 * NANOS_PER_SECOND,
            max_age_ns=3_600 * NANOS_PER_SECOND,
            duplicate_capacity=100,
            duplicate_window_ns=86_400 * NANOS_PER_SECOND,
        )
    )


def accepted(raw: Raw) -> PreparedText:
    result = pipeline().accept(raw)
    assert isinstance(result, PreparedText)
    return result


@given(st.integers(1, 2**61), st.integers(0, 10**12), st.integers(0, 10**12), st.booleans())
def test_no_text_is_released_before_it_could_be_known(event: int, delay: int, latency: int, known: bool) -> None:
    raw = Raw(ts_event=event, ts_init=event + delay, first_seen_known=known)
    release = release_time_ns(raw, latency)
    assert release > event
    assert release >= raw.ts_init
    if not known:
        assert release > event + latency


def test_a_recorded_first_sight_is_the_release() -> None:
    assert release_time_ns(Raw(ts_init=T0 + 5, first_seen_known=True), 60 * NANOS_PER_SECOND) == T0 + 5


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (Raw(ts_event=0), Refusal.UNDATED),
        (Raw(ts_event=-1), Refusal.UNDATED),
        (Raw(ts_event=T0 + FUTURE_TOLERANCE_NS + 1), Refusal.FUTURE),
        (Raw(title=" \u200b", body="<p></p>"), Refusal.EMPTY),
        (Raw(title="Weather in Paris"), Refusal.NO_ENTITY),
    ],
)
def test_unusable_texts_are_refused_and_counted(raw: Raw, refusal: Refusal) -> None:
    made = pipeline()
    assert made.accept(raw) is refusal
    assert made.counts == {refusal.value: 1}


def test_a_repeat_counts_once_and_names_its_item_and_where_else_the_story_stands() -> None:
    made = pipeline()
    first = made.accept(Raw())
    assert isinstance(first, PreparedText)
    for number in range(1, 10):
        again = Raw(title="BITCOIN rises!", source=f"S{number}", url=f"https://s{number}.com/x", ts_init=T0 + number)
        result = made.accept(again)
        assert isinstance(result, Repeat)
        assert result.item_id == first.item_id
        assert result.also_at == tuple(f"https://s{n}.com/x" for n in range(1, number + 1))
    assert made.counts == {"accepted": 1, "duplicate": 9}


def test_a_text_first_seen_long_after_its_publication_is_no_news() -> None:
    hour = 3_600 * NANOS_PER_SECOND
    assert isinstance(pipeline().accept(Raw(ts_init=T0 + hour, first_seen_known=True)), PreparedText)
    assert pipeline().accept(Raw(ts_init=T0 + hour + 1, first_seen_known=True)) is Refusal.STALE


@pytest.mark.parametrize("known", [True, False])
def test_a_text_that_waited_on_its_way_until_it_was_too_old_is_late(known: bool) -> None:
    hour = 3_600 * NANOS_PER_SECOND
    made = pipeline()
    assert isinstance(made.accept(Raw(first_seen_known=known), T0 + hour), PreparedText)
    assert made.accept(Raw(title="Ethereum falls", first_seen_known=known), T0 + hour + 1) is Refusal.LATE
    assert made.counts == {"accepted": 1, "late": 1}


def test_a_text_from_a_clock_that_runs_far_ahead_is_of_the_future() -> None:
    ahead = T0 + FUTURE_TOLERANCE_NS
    assert isinstance(pipeline().accept(Raw(ts_init=ahead), T0), PreparedText)
    assert pipeline().accept(Raw(ts_init=ahead + 1), T0) is Refusal.FUTURE


@given(st.integers(0, 10**13), st.integers(0, 10**13))
def test_nothing_older_than_the_age_that_is_allowed_gets_through_whenever_it_was_seen(seen: int, waited: int) -> None:
    raw = Raw(ts_init=T0 + seen, first_seen_known=True)
    fits = seen + waited <= 3_600 * NANOS_PER_SECOND
    assert isinstance(pipeline().accept(raw, raw.ts_init + waited), PreparedText) is fits


def test_a_story_whose_first_text_named_no_subject_is_still_news_once_one_does() -> None:
    made = pipeline()
    vague = Raw(title="Tribalism holds the entire market back, says Garlinghouse", url="https://a.com/1")
    assert made.accept(vague) is Refusal.NO_ENTITY
    assert made.accept(vague) == Repeat("", ())
    clear = Raw(title="Bitcoin tribalism holds the entire market back, says Garlinghouse", url="https://b.com/2")
    assert isinstance(made.accept(clear), PreparedText)
    assert isinstance(made.accept(clear), Repeat)


def test_what_is_kept_is_plain_and_the_address_is_untouched() -> None:
    text = accepted(Raw(title="<b>Bitcoin</b>\x1b &amp; <i>rises</i>", source="Wi\u200bre"))
    assert (text.title, text.source, text.language) == ("Bitcoin & rises", "Wire", "en")
    assert text.url == "https://example.com/a?x=1&copy=2"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x y", "file:///etc/passwd", "https://x/\n\x1b[0m", ""])
def test_an_address_that_is_none_is_dropped(url: str) -> None:
    assert accepted(Raw(url=url)).url == ""


def test_the_body_is_consulted_only_where_the_title_names_no_subject() -> None:
    assert accepted(Raw(title="Bitcoin rises", body="Ethereum too")).entities == ("BTC",)
    assert accepted(Raw(title="It rises", body="Ethereum does")).entities == ("ETH",)


def test_a_text_without_a_title_takes_its_body_for_one() -> None:
    text = accepted(Raw(title="", body="Ethereum rises"))
    assert text.title == "Ethereum rises"
    assert model_text(text.title, text.body) == "Ethereum rises"


def test_the_id_follows_from_the_content_alone() -> None:
    assert accepted(Raw()).item_id == accepted(Raw(ts_init=T0 + 9, first_seen_known=True)).item_id
    assert accepted(Raw()).item_id != accepted(Raw(source="Other")).item_id


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_prepared_or_refused(title: str, body: str) -> None:
    result = pipeline().accept(Raw(title=title, body=body))
    assert isinstance(result, Refusal) or result.entities


@pytest.mark.parametrize(
    "score",
    [
        TextScore(float("nan"), 0.5, "other", 0.1),
        TextScore(1.01, 0.5, "other", 0.1),
        TextScore(0.5, -0.1, "other", 0.1),
        TextScore(0.5, 0.5, "other", 1.5),
        TextScore(0.5, 0.5, "buy everything", 0.1),
    ],
)
def test_an_answer_out_of_bounds_is_recognised(score: TextScore) -> None:
    assert not is_bounded(score)
