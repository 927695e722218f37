"""A run's file is changed where it must be, and keeps its comments."""

import msgspec
import pytest

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.changes import edited, with_strategy

TEXT = """\
# A run of ours.
name = "x"

[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-01-01
end = 2022-02-01   # exclusive

[[selector.rules]]
shares = { momentum_scalper = 0.5 }

[[strategies]]
plugin = "momentum_scalper"   # follows
params = { min_move = 2.0 }
"""


def _read(text: str) -> RunConfig:
    return msgspec.toml.decode(text.encode(), type=RunConfig)


def test_values_are_set_and_everything_else_stays_to_the_letter() -> None:
    after = edited(TEXT, {"strategies.momentum_scalper.params.min_move": 3.5, "aggregator.text_weight": 0.2})
    assert after.startswith(TEXT.replace("min_move = 2.0", "min_move = 3.5"))
    assert _read(after).aggregator.text_weight == 0.2
    assert _read(after).strategies[0].params == {"min_move": 3.5}


def test_a_strategy_is_added_once_with_its_settings_and_a_row_of_the_policy_table() -> None:
    after = with_strategy(TEXT, "dip_buyer", {"min_score": 0.7})
    run = _read(after)
    assert run.strategies[1].params == {"min_score": 0.7}
    assert run.selector.rules[0].shares == {"momentum_scalper": 0.5, "dip_buyer": 1.0}
    assert with_strategy(after, "dip_buyer", {"min_score": 0.7}) == after


def test_what_is_no_place_and_what_is_no_toml_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no"):
        edited(TEXT, {"strategies.nobody.params.x": 1.0})
    with pytest.raises(ConfigError, match="no TOML"):
        edited("name = ", {})


@pytest.mark.parametrize(
    "text", ["strategies = 1", "strategies = [1]", "selector = 1", "[selector]\nrules = 3", "x = " + "[" * 20_000]
)
def test_what_is_no_run_s_file_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="the run's file"):
        with_strategy(text, "dip_buyer", {})
