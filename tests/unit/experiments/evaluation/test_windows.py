"""The days of an experiment: how they are cut, and whether they can ever be enough."""

import datetime as dt

from sagetrade_nautilus.config import DataConfig, ExperimentsConfig
from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.experiments.evaluation.windows import Days, shortfalls, windows, with_past

START = dt.date(2022, 1, 1)


def test_the_past_of_some_days_is_made_of_whole_days_right_before_them() -> None:
    days = Days(dt.date(2022, 1, 10), dt.date(2022, 1, 13))
    assert with_past(days, 0.0) == days
    assert with_past(days, 25.0) == Days(dt.date(2022, 1, 8), days.end)


def short(days: int, holdout: int) -> list[str]:
    data = DataConfig(instruments=["BTCUSDT.BINANCE"], start=START, end=START + dt.timedelta(days=days))
    return shortfalls(windows(data, ExperimentsConfig(holdout_days=holdout)), PromotionPolicy())


def test_days_that_reach_the_policy_lack_nothing() -> None:
    assert short(days=90 + 1 + 3 + 1 + 20, holdout=20) == []


def test_one_day_too_few_of_either_kind_is_told_with_what_would_give_it() -> None:
    assert short(days=89 + 1 + 3 + 1 + 20, holdout=20) == [
        "there are 89 research days, and `promotion.min_days` asks for 90 (an earlier `data.start` would give them)"
    ]
    (said,) = short(days=90 + 1 + 3 + 1 + 19, holdout=19)
    assert said.startswith("there are 19 sealed days, and `promotion.min_holdout_days` asks for 20 (more `experiments")
