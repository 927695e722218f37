"""The venue of a run: one, and so far away."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run.venue import latency_ns, venue_name


@pytest.fixture
def demo(project_root: Path) -> RunConfig:
    return load(project_root / "configs" / "demo.toml")


def test_latency_is_counted_in_nanoseconds(demo: RunConfig) -> None:
    assert latency_ns(demo) == 50_000_000


@pytest.mark.parametrize(
    ("instruments", "said"),
    [(["BTCUSDT"], "'BTCUSDT' is not SYMBOL.VENUE"), (["A.X", "B.Y"], "one venue a run, got X, Y")],
)
def test_what_is_no_single_venue_is_refused(demo: RunConfig, instruments: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        venue_name(msgspec.structs.replace(demo, data=msgspec.structs.replace(demo.data, instruments=instruments)))
