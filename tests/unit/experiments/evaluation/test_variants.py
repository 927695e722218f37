"""Configurations made into others, and what differs between two in effect."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import CostConfig, ExperimentsConfig, RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.changes import edited
from sagetrade_nautilus.experiments.evaluation import variants
from sagetrade_nautilus.experiments.evaluation.windows import Days, windows
from tests.support.experiments import SMALL
from tests.support.sealed import RUN


def test_a_value_is_changed_at_its_place_and_the_difference_says_so() -> None:
    values = {
        "strategies.momentum_scalper.params.min_move": 3.0,
        "strategies.news_quick_trade.params.hold_minutes": 45.0,
        "aggregator.text_weight": 0.3,
        "quant.features.0.weight": -0.5,
    }
    after = variants.changed(RUN, values)
    assert {path: new for path, (_, new) in variants.difference(RUN, after).items()} == values
    assert variants.difference(RUN, RUN) == {}
    assert variants.difference(RUN, after)["strategies.news_quick_trade.params.hold_minutes"] == (None, 45.0)


@pytest.mark.parametrize(
    ("path", "value"),
    [("aggregator.text_weight", 1.5), ("aggregator.txt_weight", 0.1), ("quant.features.9.weight", 0.1), ("nope.x", 1)],
)
def test_a_place_or_value_that_is_not_allowed_is_refused(path: str, value: float) -> None:
    with pytest.raises(ConfigError):
        variants.changed(RUN, {path: value})


@pytest.mark.parametrize(
    "path",
    [
        "strategies",
        "strategies.0",
        "strategies.enabled",
        "strategies.momentum_scalper.params",
        "strategies.momentum_scalper.params.min_move.x",
        "data.start.x",
        "data.instruments.0.x",
        "data.instruments.9",
        "data.instruments.x.y",
        "name.x",
        "name.params.x",
        "data.",
        "..",
    ],
)
def test_a_place_that_is_none_is_refused_in_words_in_a_run_and_in_its_file(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match="`"):
        variants.changed(RUN, {path: 1.5})
    with pytest.raises(ConfigError, match="`"):
        _edited(tmp_path / "run.toml", path)


def _edited(file: Path, path: str) -> RunConfig:
    file.write_text(edited(SMALL.replace("mean_reversion", "momentum"), {path: 1.5}))
    return load(file)


def test_each_changed_number_is_moved_both_ways_and_values_that_are_not_allowed_are_left_out() -> None:
    after = variants.changed(RUN, {"aggregator.text_weight": 1.0, "quant.features.0.length": 5})
    found = variants.neighbours(RUN, after, 10.0, 4)
    lengths = sorted(one.quant.features[0].length for name, one in found.items() if "length" in name)
    assert lengths == [4, 6]
    assert [one.aggregator.text_weight for name, one in found.items() if "text_weight" in name] == [0.9]
    assert variants.neighbours(RUN, RUN, 10.0, 4) == {}


def test_a_candidate_is_measured_on_the_baselines_data_account_and_costs() -> None:
    cheating = msgspec.structs.replace(
        RUN,
        costs=CostConfig(taker_fee_bps=0.0),
        venue=msgspec.structs.replace(RUN.venue, starting_balance=1.0),
        promotion=msgspec.structs.replace(RUN.promotion, min_trades=1),
    )
    assert variants.on_terms_of(cheating, RUN) == RUN


def test_stress_makes_costs_and_latency_worse_and_nothing_else() -> None:
    dear, slow = variants.stressed(RUN, ExperimentsConfig()).values()
    assert dear.costs.taker_fee_bps == 2 * RUN.costs.taker_fee_bps
    assert slow.costs.latency_ms == 10 * RUN.costs.latency_ms
    assert msgspec.structs.replace(dear, costs=RUN.costs) == RUN == msgspec.structs.replace(slow, costs=RUN.costs)


def test_the_digest_does_not_hang_on_where_the_catalog_lies() -> None:
    days = Days(RUN.data.start, RUN.data.end)
    here, there = (variants.on(RUN, days, Path(name)) for name in ("here", "there"))
    assert variants.digest(here) == variants.digest(there)
    assert variants.digest(here) != variants.digest(variants.first_part(here, 0.5))


def test_research_canary_and_holdout_never_touch() -> None:
    cut = windows(RUN.data, ExperimentsConfig(holdout_days=30, embargo_h=24.0))
    assert cut.holdout == Days(dt.date(2022, 6, 1), dt.date(2022, 7, 1))
    assert cut.canary == Days(dt.date(2022, 5, 28), dt.date(2022, 5, 31))
    assert cut.research == Days(dt.date(2022, 1, 1), dt.date(2022, 5, 27))
    assert str(cut.research) == "2022-01-01..2022-05-26"
    with pytest.raises(ConfigError, match="left for research"):
        windows(RUN.data, ExperimentsConfig(holdout_days=170))
