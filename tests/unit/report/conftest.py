"""Runs that look like real ones, for all that tells of a run."""

import msgspec
import pytest

from sagetrade_nautilus.model.records import RunSummary
from tests.support.run_summary import MakeSummary, build_summary


@pytest.fixture(scope="session")
def make_summary() -> MakeSummary:
    return build_summary


@pytest.fixture(scope="session")
def summary(make_summary: MakeSummary) -> RunSummary:
    return make_summary()


@pytest.fixture(scope="session")
def idle_summary(summary: RunSummary) -> RunSummary:
    """A run in which nothing traded."""
    return msgspec.structs.replace(summary, fills=(), round_trips=(), final_balance=summary.starting_balance)
