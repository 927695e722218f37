"""The composite: bounded, explained, faded by age, capped by source."""

from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import AggregatorConfig, TextConfig
from sagetrade_nautilus.model.aggregation import Aggregator, TextEvidence, TextMemory
from sagetrade_nautilus.model.readings import Component, QuantReading, Regime

MINUTE = 60_000_000_000
UNIT = st.floats(0.0, 1.0)
SIGNED = st.floats(-1.0, 1.0)


def _text(ts: int, source: str = "wire", item: str = "a", sentiment: float = 1.0, impact: float = 1.0) -> TextEvidence:
    return TextEvidence(ts, source, item, sentiment, 1.0, impact)


def _quant(score: float = 0.5, confidence: float = 0.6) -> QuantReading:
    parts = (Component("rsi", "quant", 30.0, score, 1.0),)
    return QuantReading(score, confidence, 0.01, Regime.LOW_VOL_RANGING, 100.0, parts)


texts = st.lists(
    st.builds(
        TextEvidence,
        st.integers(0, 10_000 * MINUTE),
        st.sampled_from(["a", "b", "c"]),
        st.uuids().map(str),
        SIGNED,
        UNIT,
        UNIT,
    ),
    max_size=30,
).map(lambda items: sorted(items, key=lambda item: item.ts))


@given(texts, SIGNED, UNIT, st.integers(0, 1000))
def test_a_composite_is_bounded_and_equals_the_sum_of_its_parts(
    items: list[TextEvidence], score: float, confidence: float, later: int
) -> None:
    aggregator = Aggregator(AggregatorConfig(), TextConfig())
    for item in items:
        aggregator.add_text(item)
    composite = aggregator.combine(_quant(score, confidence), 10_000 * MINUTE + later)
    assert -1.0 <= composite.score <= 1.0
    assert 0.0 <= composite.confidence <= 1.0
    assert isclose(composite.score, sum(p.weight * p.score for p in composite.components), abs_tol=1e-12)
    assert sum(part.weight for part in composite.components) <= 1.0 + 1e-9


@given(texts)
def test_no_source_holds_more_than_its_cap(items: list[TextEvidence]) -> None:
    memory = TextMemory(TextConfig(source_cap=0.3))
    for item in items:
        memory.add(item)
    assert all(part.weight <= 0.3 for part in memory.score(10_000 * MINUTE).components)


def test_a_flood_from_one_source_moves_the_score_by_no_more_than_the_cap() -> None:
    memory = TextMemory(TextConfig(source_cap=0.4))
    for number in range(1000):
        memory.add(_text(0, item=str(number)))
    assert memory.score(0).score <= 0.4


def test_an_old_text_fades_by_half_in_each_half_life() -> None:
    memory = TextMemory(TextConfig(half_life_min=60.0, source_cap=1.0))
    memory.add(_text(0, impact=0.5))
    now, later = memory.score(0).score, memory.score(60 * MINUTE).score
    assert isclose(later, now / 2)


def test_old_news_that_comes_late_is_faded_news_and_leaves_the_fresh_as_it_is() -> None:
    alone, joined = (TextMemory(TextConfig(half_life_min=0.001)) for _ in range(2))
    for memory in (alone, joined):
        memory.add(_text(240 * MINUTE, item="fresh", impact=0.5))
    joined.add(_text(0, item="old", sentiment=-1.0))
    assert joined.score(240 * MINUTE).score == alone.score(240 * MINUTE).score > 0.0
    assert joined.score(240 * MINUTE).components[0].source_ids[0] == "fresh"


def test_a_text_that_has_faded_is_silent() -> None:
    memory = TextMemory(TextConfig(half_life_min=60.0))
    memory.add(_text(0))
    assert memory.score(13 * 60 * MINUTE).components != ()
    assert memory.score(14 * 60 * MINUTE).components == ()


@given(texts.flatmap(st.permutations), st.integers(0, 1000))
def test_the_running_sums_equal_the_sum_over_all_texts_in_whatever_order_they_came(
    items: list[TextEvidence], later: int
) -> None:
    config = TextConfig(half_life_min=3000.0, source_cap=1.0)
    memory = TextMemory(config)
    for item in items:
        memory.add(item)
    ts = 10_000 * MINUTE + later
    weights = [item.impact_score * item.confidence * 2.0 ** (-(ts - item.ts) / (3000.0 * MINUTE)) for item in items]
    mean = sum(weight * item.sentiment for weight, item in zip(weights, items, strict=True))
    assert isclose(memory.score(ts).score, mean / max(sum(weights), 1.0), abs_tol=1e-3)


def test_the_explanation_names_the_heaviest_texts() -> None:
    memory = TextMemory(TextConfig())
    for number in range(20):
        memory.add(_text(number * MINUTE, item=f"t{number}", impact=1.0 if number < 3 else 0.1))
    ids = memory.score(20 * MINUTE).components[0].source_ids
    assert ids[:3] == ("t2", "t1", "t0")
    assert len(ids) == 5


def test_one_item_that_comes_twice_counts_once() -> None:
    once, twice = TextMemory(TextConfig()), TextMemory(TextConfig())
    for memory, times in ((once, 1), (twice, 2)):
        for _ in range(times):
            memory.add(_text(0, impact=0.2))
    assert once.score(0) == twice.score(0)


def test_without_texts_in_the_run_prices_have_all_the_weight() -> None:
    composite = Aggregator(AggregatorConfig(), TextConfig(enabled=False)).combine(_quant(0.5), 0)
    assert composite.score == 0.5


def test_a_weak_score_has_no_direction() -> None:
    aggregator = Aggregator(AggregatorConfig(neutral_band=0.2), TextConfig(enabled=False))
    assert [aggregator.combine(_quant(score), 0).direction for score in (-0.5, -0.1, 0.1, 0.5)] == [-1, 0, 0, 1]


def test_disagreement_between_prices_and_texts_halves_the_confidence() -> None:
    agreeing, against = (Aggregator(AggregatorConfig(), TextConfig()) for _ in range(2))
    agreeing.add_text(_text(0, sentiment=1.0))
    against.add_text(_text(0, sentiment=-1.0))
    assert against.combine(_quant(), 0).confidence == agreeing.combine(_quant(), 0).confidence / 2
