"""Small files to import, and a catalog to import them into."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

NOW_NS = 1_800_000_000_000_000_000


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return tmp_path / "catalog"


@pytest.fixture
def frame() -> Callable[..., pd.DataFrame]:
    """A maker of sound 5-minute bars of BTCUSDT: `count` bars from `start`, by a seeded walk."""

    def make(count: int = 400, start: str = "2022-01-01T00:00:00Z", seed: int = 1) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        close = np.round(40_000 + np.cumsum(rng.normal(0, 20, count)), 2)
        opened = np.round(np.concatenate(([40_000.0], close[:-1])), 2)
        return pd.DataFrame(
            {
                "ts_open": pd.date_range(start, periods=count, freq="5min"),
                "open": opened,
                "high": np.round(np.maximum(opened, close) + rng.uniform(0, 9, count), 2),
                "low": np.round(np.minimum(opened, close) - rng.uniform(0, 9, count), 2),
                "close": close,
                "volume": np.round(rng.uniform(0.1, 100, count), 5),
            }
        )

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A writer of frames to files by their suffix."""

    def to_file(data: pd.DataFrame, name: str = "bars.parquet") -> Path:
        path = tmp_path / name
        if path.suffix == ".csv":
            data.to_csv(path, index=False)
        elif path.suffix == ".feather":
            data.to_feather(path)
        else:
            data.to_parquet(path, index=False)
        return path

    return to_file


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, tuple[int, bytes]]]:
    """Every data file of a catalog with its modification time and bytes."""

    def take(root: Path) -> dict[str, tuple[int, bytes]]:
        files = sorted(root.rglob("*.parquet"))
        return {str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    return take
