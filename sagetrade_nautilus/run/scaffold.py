"""A plugin to begin with: its file, a run that names it, and a test of it."""

import keyword
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from sagetrade_nautilus.errors import ConfigError, cause
from sagetrade_nautilus.run.plugins import available

NAME: Final = re.compile(r"^[a-z][a-z0-9_]*$")

PLUGIN: Final = '''"""{title}: say here in one sentence what it bets on, and when it gives up."""

from math import exp, sqrt

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig


class {cls}Config(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `{cls}`.

    Parameters
    ----------
    min_score : float
        The least absolute composite score that it acts on, in [0, 1].
    hold_minutes : float
        Longest holding time.
    edge_share : float
        Expected edge as a share of one standard deviation over the holding time, at a score of 1.
    size_pct : float
        Wished size, percent of equity.
    """

    min_score: float = 0.6
    hold_minutes: float = 60.0
    edge_share: float = 0.3
    size_pct: float = 10.0


class {cls}(SageStrategy[{cls}Config]):
    """Goes with a strong score, for as long as it is told to."""

    def initialize(self, config: {cls}Config) -> None:
        self._settings = config

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        settings, up = self._settings, signal.direction
        if abs(signal.score) < settings.min_score or up == 0:
            return None
        sigma = signal.volatility * sqrt(settings.hold_minutes / 60.0)  # over the holding time
        return Decision(
            side="buy" if up > 0 else "sell",
            size_pct=settings.size_pct,
            tp=signal.price * exp(up * sigma),
            sl=signal.price * exp(-up * 1.5 * sigma),
            target_duration=settings.hold_minutes * 60.0,
            expected_edge_bps=settings.edge_share * abs(signal.score) * sigma * 10_000.0,
            reason=f"composite score {{signal.score:+.2f}}",
            signal_ids=(signal.signal_id,),
        )
'''

CONFIG: Final = """# A fortnight of the bundled sample, to see that it runs. Six months say more.
#
#   sagetool strategy check {name}
#   sagetool backtest configs/{name}.toml
name = "{name}"

[data]
instruments = ["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]
start = 2022-05-01
end = 2022-05-15          # exclusive
sample = true             # import the bundled sample on first use

[[strategies]]
plugin = "{name}"
"""

TEST: Final = '''"""{title}: what it decides on a signal."""

from typing import Any

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.readings import Composite, Regime
from sagetrade_nautilus.run.plugins import plugin_classes

PLUGIN, SETTINGS = plugin_classes("{name}")


def signal(score: float) -> CompositeSignal:
    """Return a composite of this score at a price of 100."""
    direction = (score > 0) - (score < 0)
    composite = Composite(score, direction, abs(score), 0.01, Regime.LOW_VOL_RANGING, 100.0)
    return CompositeSignal(InstrumentId.from_str("BTCUSDT.BINANCE"), composite, 1, 1)


@pytest.fixture
def plugin() -> Any:
    config = SETTINGS(instruments=["BTCUSDT.BINANCE"])
    made = PLUGIN(config)
    made.initialize(config)
    return made


@pytest.mark.parametrize(("score", "side"), [(0.8, "buy"), (-0.8, "sell")])
def test_a_strong_score_is_followed(plugin: Any, score: float, side: str) -> None:
    decision = plugin.on_new_signal(signal(score))
    assert decision is not None
    assert decision.side == side
    assert decision.fault(100.0) is None


@pytest.mark.parametrize("score", [0.0, 0.59, -0.59])
def test_a_weak_score_is_left_alone(plugin: Any, score: float) -> None:
    assert plugin.on_new_signal(signal(score)) is None
'''


def scaffold(name: str, root: Path) -> list[Path]:
    """Write a plugin called `name`, a run of it and a test, under the folder `root`; return their paths.

    Raises
    ------
    ConfigError
        The name is none, or one of the files is there already, or cannot be written: then nothing is.
    """
    if keyword.iskeyword(name):
        raise ConfigError(f"{name!r}: is a word of Python's own, so no plugin can be called that; choose another name")
    if not NAME.match(name):
        raise ConfigError(f"{name!r}: a plugin's name has small letters, digits and _, as in dip_buyer")
    cls, title = "".join(part.capitalize() for part in name.split("_")), name.replace("_", " ").capitalize()
    mirrored = root / "tests" / "unit" / "strategies"
    tests = mirrored if mirrored.is_dir() else root / "tests"
    files = {
        root / "strategies" / f"{name}.py": PLUGIN,
        root / "configs" / f"{name}.toml": CONFIG,
        tests / f"test_{name}.py": TEST,
    }
    taken = available().get(name)
    if taken is not None:
        raise ConfigError(f"a plugin is called {name!r} already: {taken}; choose another name. Nothing was written")
    for path in files:
        if path.exists():
            raise ConfigError(f"{path}: is there already; choose another name, or remove it. Nothing was written")
    try:
        for path, template in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(template.format(name=name, cls=cls, title=title))
    except OSError as error:
        for begun in files:
            with suppress(OSError):
                begun.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written: {cause(error)}") from None
    return list(files)
