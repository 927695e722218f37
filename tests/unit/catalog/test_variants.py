"""Catalogs with another future keep their past to the byte."""

from pathlib import Path

import numpy as np
import pytest

from catalog.sample import ensure_sample
from catalog.store import read_bars, read_texts
from catalog.variants import perturbed, shifted, truncated

BTC, BAR = "BTCUSDT.BINANCE", "5-MINUTE-LAST"
CUT = 1_656_500_000_000_000_000  # in the middle of 2022-06-29, of no bar's close
SHIFT = 36 * 3_600 * 1_000_000_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    ensure_sample(folder, [BTC])
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet")}


def test_the_original_is_never_touched(root: Path, tmp_path: Path) -> None:
    before = _files(root)
    truncated(root, tmp_path / "t", CUT)
    perturbed(root, tmp_path / "p", CUT, 1)
    shifted(root, tmp_path / "s", CUT, SHIFT)
    assert _files(root) == before


def test_a_truncated_catalog_holds_what_was_known_at_the_cut(root: Path, tmp_path: Path) -> None:
    truncated(root, tmp_path, CUT)
    bars, old = read_bars(tmp_path, BTC, BAR), read_bars(root, BTC, BAR)
    assert np.array_equal(bars.close, old.close[old.ts <= CUT])
    kept = [text.to_dict() for text in read_texts(tmp_path)]
    assert kept == [text.to_dict() for text in read_texts(root, end_ns=CUT)]


def test_a_perturbed_catalog_has_other_sound_bars_after_the_cut_and_the_same_before(root: Path, tmp_path: Path) -> None:
    perturbed(root, tmp_path, CUT, 1)
    bars, old = read_bars(tmp_path, BTC, BAR), read_bars(root, BTC, BAR)
    later = old.ts > CUT
    assert np.array_equal(bars.ts, old.ts)
    assert np.array_equal(bars.differs(old), later)
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert len(read_texts(tmp_path)) == len(read_texts(root))


def test_in_a_shifted_catalog_later_texts_come_later_and_nothing_else_changes(root: Path, tmp_path: Path) -> None:
    shifted(root, tmp_path, CUT, SHIFT)
    old, new = read_texts(root), read_texts(tmp_path)
    moved = [SHIFT if text.ts_init > CUT else 0 for text in old]
    assert 0 < sum(map(bool, moved)) < len(old)
    wanted = sorted((text.ts_init + by, text.ts_event + by, text.title) for text, by in zip(old, moved, strict=True))
    assert sorted((text.ts_init, text.ts_event, text.title) for text in new) == wanted
    assert [text.ts_init for text in new] == sorted(text.ts_init for text in new)
    assert not read_bars(tmp_path, BTC, BAR).differs(read_bars(root, BTC, BAR)).any()
