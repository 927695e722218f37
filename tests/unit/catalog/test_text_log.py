import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.store import read_texts
from catalog.text_log import TextLog
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError

DAY = 86_400 * 10**9
T0 = 19_000 * DAY


def text(number: int, at: int = T0, title: str = "Bitcoin \u200b rises") -> RawText:
    return RawText(at, at + number, source="Wire", title=f"{title} {number}", body="b", url="", first_seen_known=True)


def test_a_text_moves_once_and_as_it_came(tmp_path: Path) -> None:
    log = TextLog(tmp_path / "state" / "texts.sqlite")
    log.append([text(1), text(2), text(1)])
    log.append([text(2), text(3)])
    assert len(log) == 5
    assert log.move_into(tmp_path / "catalog", T0 + DAY).added == 3
    assert [one.to_dict() for one in read_texts(tmp_path / "catalog")] == [text(n).to_dict() for n in (1, 2, 3)]


def test_only_days_that_are_over_move_and_twice_is_once(tmp_path: Path) -> None:
    log = TextLog(tmp_path / "texts.sqlite")
    log.append([text(1), text(2, T0 + DAY)])
    assert log.move_into(tmp_path / "catalog", T0 + DAY + 5).added == 1
    assert len(log) == 1
    log.append([text(1)])
    again = log.move_into(tmp_path / "catalog", T0 + DAY + 5)
    assert (again.added, again.unchanged) == (0, 1)
    assert len(read_texts(tmp_path / "catalog")) == 1


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    log = TextLog(tmp_path / "texts.sqlite")
    for field in ("title", "body"):
        broken = text(3)
        setattr(broken, field, "\ud800")  # no file takes a lone surrogate
        with pytest.raises(DataError):
            log.append([text(1), broken])
    log.append([text(2)])
    assert len(log) == 1


def test_what_was_kept_survives_the_death_of_the_process(tmp_path: Path) -> None:
    code = f"""
import os, sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from catalog.text_log import TextLog
from tests.unit.catalog.test_text_log import text
log = TextLog(Path({str(tmp_path / "t.sqlite")!r}))
for n in range(20):
    log.append([text(n)])
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=os.getcwd())
    assert done.returncode == -9
    assert len(TextLog(tmp_path / "t.sqlite")) == 20


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(DataError, match=r"t\.sqlite"):
        TextLog(tmp_path / "t.sqlite")


def test_a_full_disk_is_told_and_keeps_what_was_there(tmp_path: Path) -> None:
    log = TextLog(tmp_path / "t.sqlite")
    log.append([text(1)])
    log._db.execute("PRAGMA max_page_count = 5")
    with pytest.raises(DataError, match="full"):
        log.append([text(n, title="x" * 5_000) for n in range(200)])
    assert len(log) == 1
    log.close()
    with pytest.raises(sqlite3.ProgrammingError):
        len(log)


def test_a_file_that_was_damaged_since_is_told_and_moves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    log = TextLog(path)
    log.append([text(number) for number in range(200)])
    log.close()
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 4096))
    with pytest.raises(DataError, match=r"t\.sqlite"):
        TextLog(path).move_into(tmp_path / "catalog", 2**62)
    assert not (tmp_path / "catalog").exists()
