"""What several files of tests run: a node that trades on paper on the wall's clock."""

from pathlib import Path

import msgspec
import pytest
from nautilus_trader.model.data import Bar

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import RunConfig, SelectorConfig, load
from tests.support.ticking import BTC, SHORT_BAR, wild_bars

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def wall_bars(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Bar]:
    return wild_bars(project_root, tmp_path_factory.mktemp("catalog"), instrument_for(BTC))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def wall(project_root: Path) -> RunConfig:
    demo = load(project_root / "configs" / "demo.toml")
    return replace(
        demo,
        name="wall",
        data=replace(demo.data, instruments=[BTC], bar=SHORT_BAR),
        node=replace(demo.node, data="binance", execution="paper", on_stop="flatten"),
        text=replace(demo.text, enabled=False),
        strategies=[entry for entry in demo.strategies if entry.plugin == "momentum_scalper"],
        selector=SelectorConfig(),
    )
