"""Importing texts as they are, with their times."""

import pandas as pd
import pytest
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.store import read_texts
from catalog.texts import TextImport, import_texts
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError

NOW_NS = 1_800_000_000_000_000_000


def headlines(**changes):
    data = pd.DataFrame(
        {
            "published_at": ["2022-01-01T10:00:00Z", "2022-01-01T23:59:00Z", "2022-01-02T00:00:00Z"],
            "source": ["A", "B", "A"],
            "title": ["Bitcoin rises, “again” ", "Ether\nfalls", "Nothing"],
            "url": ["u1", "u2", "u3"],
        }
    )
    return data.assign(**changes)


def run(path, catalog, **wish):
    return import_texts(path, TextImport(**wish), catalog=catalog, now_ns=NOW_NS)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.feather"])
def test_texts_are_kept_unaltered_one_file_a_day(catalog, write, name):
    report = run(write(headlines(), name), catalog)
    held = read_texts(catalog)
    assert [text.title for text in held] == ["Bitcoin rises, “again” ", "Ether\nfalls", "Nothing"]
    assert [text.ts_init == text.ts_event for text in held] == [True] * 3
    assert not any(text.first_seen_known for text in held)
    assert (report.texts, report.written.days) == (3, 2)


def test_the_first_seen_time_is_when_a_text_could_be_known(catalog, write):
    seen = ["2022-01-01T10:00:30Z", None, "2022-01-03T00:00:00Z"]
    run(write(headlines(first_seen=seen)), catalog)
    held = read_texts(catalog)
    assert [text.first_seen_known for text in held] == [True, False, True]
    assert [(text.ts_init - text.ts_event) // 10**9 for text in held] == [30, 0, 86_400]


def test_importing_twice_changes_not_a_byte(catalog, write, snapshot):
    path = write(headlines())
    run(path, catalog)
    before = snapshot(catalog)
    assert run(path, catalog).written.unchanged == 3
    assert snapshot(catalog) == before


def test_repetitions_are_dropped_and_the_earliest_sight_stays(catalog, write):
    data = pd.concat([headlines(first_seen="2022-01-05T00:00:00Z"), headlines(first_seen="2022-01-04T00:00:00Z")])
    report = run(write(data), catalog)
    assert (report.rows, report.texts, report.duplicates) == (6, 3, 3)
    assert {text.ts_init for text in read_texts(catalog)} == {pd.Timestamp("2022-01-04T00:00:00Z").value}


def test_a_text_that_the_catalog_has_is_not_taken_again_with_another_first_sight(catalog, write):
    run(write(headlines()), catalog)
    report = run(write(headlines(first_seen="2022-01-09T00:00:00Z")), catalog)
    assert (report.written.added, report.written.unchanged) == (0, 3)


def test_other_names_of_columns_are_understood(catalog, write):
    names = {"published_at": "created_at", "source": "subreddit", "url": "permalink"}
    run(write(headlines().rename(columns=names)), catalog)
    assert [text.source for text in read_texts(catalog)] == ["A", "B", "A"]


def test_rows_without_words_are_left_out_and_counted(catalog, write):
    report = run(write(headlines(title=["x", " ", None])), catalog)
    assert (report.texts, report.empty) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"published_at": ["2022-01-01T10:00:00Z", None, "2022-01-01T10:00:00Z"]},
            "row 2: 'published_at' is empty",
        ),
        ({"published_at": ["2022-01-01 10:00:00"] * 3}, "holds naive times"),
        (
            {"published_at": ["2022-01-01T10:00:00Z"] * 2 + ["2099-01-01T10:00:00Z"]},
            "row 3: lies in the future",
        ),
        ({"first_seen": "2022-01-01T12:00:00Z"}, r"row 2: was first seen \(.*\) before it was published"),
        ({"source": ["A", "", "B"]}, "row 2: the source is empty"),
    ],
)
def test_a_text_without_a_trustworthy_time_or_source_refuses_the_file(catalog, write, changes, reason):
    with pytest.raises(DataError, match=reason):
        run(write(headlines(**changes)), catalog)
    assert not list(catalog.rglob("*.parquet"))


def test_a_file_without_source_asks_for_its_name(catalog, write):
    path = write(headlines().drop(columns="source"))
    with pytest.raises(DataError, match="name it with --source NAME"):
        run(path, catalog)
    run(path, catalog, source="Mine")
    assert {text.source for text in read_texts(catalog)} == {"Mine"}


def test_nautilus_queries_texts_by_the_time_they_were_known(catalog, write):
    run(write(headlines()), catalog)
    held = ParquetDataCatalog(str(catalog)).query(RawText, start="2022-01-01T12:00:00Z", end="2022-01-02T00:00:00Z")
    assert [item.data.title for item in held] == ["Ether\nfalls", "Nothing"]
    assert [item.data for item in held] == read_texts(catalog)[1:]


def test_real_files_with_repeated_addresses_come_in(catalog, shared_data):
    path = shared_data / "news" / "equity_headlines_with_duplicates_2022-07.parquet"
    report = run(path, catalog, source="massive")
    assert (report.rows, report.texts, report.duplicates) == (3_365, 1_300, 2_065)
