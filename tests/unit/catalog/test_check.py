"""The check tells sound times from opens for closes, news out of range and other faults."""

import numpy as np
import pandas as pd
import pytest

from catalog.bars import BarImport, import_bars
from catalog.check import check, holdings
from catalog.instruments import Definition
from catalog.texts import TextImport, import_texts

NOW_NS = 1_800_000_000_000_000_000
BTC, ETH = "BTCUSDT.BINANCE", "ETHUSDT.BINANCE"


def bars(catalog, path, instrument=BTC, **wish):
    wish = {"timestamps": "open", "round_values": True, **wish}
    import_bars(path, BarImport(instrument_id=instrument, **wish), catalog=catalog, now_ns=NOW_NS)


def messages(report, level):
    return [f"{finding.subject}: {finding.message}" for finding in report.findings if finding.level == level]


def alike(data, seed=2):
    """A market that follows `data` with a little noise."""
    noise = np.random.default_rng(seed).normal(0, 1, len(data))
    close = np.round(data["close"] / 10 + noise, 2)
    high, low = np.round(close + 1, 2), np.round(close - 1, 2)
    return data.assign(open=close, high=high, low=low, close=close)


def test_an_empty_catalog_is_sound_and_says_what_to_do(catalog):
    report = check(catalog, now_ns=NOW_NS)
    assert report.sound
    assert "sagetool import" in messages(report, "note")[0]
    assert holdings(catalog) == ()


def test_two_markets_that_move_together_are_stamped_alike(catalog, frame, write):
    bars(catalog, write(frame(600)))
    bars(catalog, write(alike(frame(600))), ETH)
    report = check(catalog, now_ns=NOW_NS)
    assert report.sound
    assert any("both are stamped alike" in message for message in messages(report, "ok"))


@pytest.mark.parametrize(("wrong", "word"), [(BTC, "late"), (ETH, "early")])
def test_opens_imported_as_closes_show_against_a_market_that_moves_alike(catalog, frame, write, wrong, word):
    for instrument, data in ((BTC, frame(600)), (ETH, alike(frame(600)))):
        bars(catalog, write(data), instrument, timestamps="close" if instrument == wrong else "open")
    [fault] = messages(check(catalog, now_ns=NOW_NS), "fault")
    assert "they move 300 s apart" in fault
    assert f"{ETH}-5-MINUTE-LAST-EXTERNAL is stamped {word}" in fault


@pytest.mark.parametrize(("convention", "sound"), [("close", True), ("open", False)])
def test_the_real_file_whose_times_are_closes_is_found_when_imported_as_opens(catalog, shared_data, convention, sound):
    folder = shared_data / "bars"
    definition = Definition(price_precision=1, size_precision=4, quote="USD")
    bars(catalog, folder / "BTCUSDT_5m_2022-01_2022-08.parquet")
    bars(
        catalog,
        folder / "BTC-PERP_1m_2022-01.parquet",
        "BTC-PERP.FTX",
        timestamps=convention,
        definition=definition,
    )
    report = check(catalog, now_ns=NOW_NS)
    assert report.sound is sound
    assert all("BTC-PERP.FTX-1-MINUTE-LAST-EXTERNAL is stamped late" in fault for fault in messages(report, "fault"))


@pytest.mark.parametrize(("convention", "sound"), [("open", True), ("close", False)])
def test_the_real_equity_file_is_judged_by_its_sessions(catalog, shared_data, convention, sound):
    path = shared_data / "bars" / "SPY_1m_2025-07.parquet"
    bars(catalog, path, "SPY.ARCA", timestamps=convention, timezone="America/New_York")
    report = check(catalog, now_ns=NOW_NS)
    assert report.sound is sound
    if not sound:
        assert "closes at 04:00 New York, when it opens" in messages(report, "fault")[0]


def test_a_single_market_around_the_clock_leaves_its_convention_open(catalog, frame, write):
    bars(catalog, write(frame(600)))
    assert any("no market that moves alike" in note for note in messages(check(catalog, now_ns=NOW_NS), "note"))


def test_what_lies_in_the_future_is_a_fault(catalog, frame, write):
    bars(catalog, write(frame(10)))
    report = check(catalog, now_ns=pd.Timestamp("2022-01-01T00:20:00Z").value)
    assert "6 times lie after 2022-01-01 00:20:00Z" in messages(report, "fault")[0]


def test_gaps_and_bars_without_volume_are_noted(catalog, frame, write):
    data = frame(60)
    data.loc[3, "volume"] = 0.0
    bars(catalog, write(data.drop(index=[10, 11, 30])))
    notes = messages(check(catalog, now_ns=NOW_NS), "note")
    assert any("2 gaps, 3 bars missing; the longest after 2022-01-01 00:50:00Z" in note for note in notes)
    assert any("1 bars have no volume" in note for note in notes)


def test_news_is_held_against_bars(catalog, frame, write):
    bars(catalog, write(frame(300)))
    stamps = ["2021-12-31T00:00:00Z", "2022-01-01T10:00:00Z", "2022-01-01T11:00:00Z", "2022-02-01T00:00:00Z"]
    texts = pd.DataFrame({"published_at": stamps, "title": list("abcd"), "source": "S", "url": ""})
    import_texts(write(texts, "texts.parquet"), TextImport(), catalog=catalog, now_ns=NOW_NS)
    report = check(catalog, now_ns=NOW_NS)
    assert any("2 of 4 texts fall within the bars, 1 before, 1 after" in line for line in messages(report, "ok"))
    assert any("4 of 4 have no first-seen time" in note for note in messages(report, "note"))
    assert [held.count for held in report.holdings] == [300, 4]
