"""A live node: its run, its approved desk, its broker and two wild days."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import RunConfig, SelectorConfig, load
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.run.startup.approval import subject
from strategies.momentum_scalper import MomentumScalper
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server
from tests.support.live_wall import AAPL, replace, wish
from tests.support.signers import allow, approval
from tests.support.ticking import SHORT_BAR, wild_bars


@pytest.fixture(scope="module")
def bars(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Bar]:
    """Two wild days, as prices about 100."""
    folder = tmp_path_factory.mktemp("catalog")
    return wild_bars(project_root, folder, instrument_for(AAPL), 550, scale=100.0 / 34_500.0)  # type: ignore[no-any-return]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AlpacaServer]:
    monkeypatch.setenv(KEY_NAME, KEY)
    monkeypatch.setenv(SECRET_NAME, SECRET)
    with alpaca_server() as made:
        yield made


@pytest.fixture
def config(project_root: Path) -> RunConfig:
    demo = load(project_root / "configs" / "demo.toml")
    return replace(
        demo,
        name="live",
        data=replace(demo.data, instruments=[AAPL], bar=SHORT_BAR),
        venue=replace(demo.venue, currency="USD", account="margin"),
        node=replace(demo.node, data="alpaca", on_stop="flatten", reconcile_s=0.3),
        text=replace(demo.text, enabled=False),
        strategies=[entry for entry in demo.strategies if entry.plugin == "momentum_scalper"],
        selector=SelectorConfig(),
        sizing=replace(demo.sizing, max_trade_risk_pct=100.0),
        limits=replace(demo.limits, max_exposure_pct=90.0, max_symbol_exposure_pct=90.0, max_price_jump_pct=50.0),
        canary=CanaryConfig(
            rollback="sagetool stop, by whoever is on call", max_loss_pct=50.0, max_slippage_bps=9_999.0
        ),
    )


@pytest.fixture
def desk(config: RunConfig, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a node whose gates A and B are approved for `config`."""
    shutil.copy(project_root / "AI_POLICY.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    for person in ("anna@desk", "omar@desk"):
        key = allow(person, tmp_path)
        for gate in (Gate.A, Gate.B):
            store.write(approval(gate, person, subject(config), key))
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    return tmp_path / "state" / "live"
