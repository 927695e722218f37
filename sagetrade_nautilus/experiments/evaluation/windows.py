"""Which days an experiment may see, which its canary runs on, and which are sealed. Pure."""

import datetime as dt
from math import ceil
from typing import Final

import msgspec

from sagetrade_nautilus.config import DataConfig, ExperimentsConfig
from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.errors import ConfigError

RESEARCH_DAYS_MIN: Final = 20
HOURS_A_DAY: Final = 24


class Days(msgspec.Struct, frozen=True):
    """Days from `start` up to and without `end`, UTC."""

    start: dt.date
    end: dt.date

    @property
    def count(self) -> int:
        return (self.end - self.start).days

    def __str__(self) -> str:
        return f"{self.start}..{self.end - dt.timedelta(days=1)}"


class Windows(msgspec.Struct, frozen=True):
    """The three kinds of days, in the order of time, each an embargo apart."""

    research: Days
    canary: Days
    holdout: Days


def windows(data: DataConfig, settings: ExperimentsConfig) -> Windows:
    """Cut the run's days: the last are sealed, those before are the canary's, the rest is for research.

    Raises
    ------
    ConfigError
        Too few days are left for research.
    """
    gap = dt.timedelta(days=days_of(settings.embargo_h))
    holdout = Days(data.end - dt.timedelta(days=settings.holdout_days), data.end)
    canary_end = holdout.start - gap
    canary = Days(canary_end - dt.timedelta(days=days_of(settings.canary.duration_h)), canary_end)
    research = Days(data.start, canary.start - gap)
    if research.count < RESEARCH_DAYS_MIN:
        raise ConfigError(
            f"`experiments`: of {data.start} to {data.end}, {max(0, research.count)} days are left for research once "
            f"the holdout and the canary have theirs; at least {RESEARCH_DAYS_MIN} are needed"
        )
    return Windows(research, canary, holdout)


def shortfalls(cut: Windows, policy: PromotionPolicy) -> list[str]:
    """Return of which days there are fewer than the gate asks for: then nothing can be recommended."""
    asked = (
        (cut.research.count, "research", "min_days", policy.min_days, "an earlier `data.start`"),
        (cut.holdout.count, "sealed", "min_holdout_days", policy.min_holdout_days, "more `experiments.holdout_days`"),
    )
    return [
        f"there are {count} {kind} days, and `promotion.{key}` asks for {least} ({way} would give them)"
        for count, kind, key, least, way in asked
        if count < least
    ]


def with_past(days: Days, hours: float) -> Days:
    """Return the days with those before them that hours of warm-up reach into."""
    return Days(days.start - dt.timedelta(days=days_of(hours)), days.end)


def days_of(hours: float) -> int:
    """Return the whole days that hours reach into."""
    return ceil(hours / HOURS_A_DAY)
