"""Alpaca's server of the tests, for nodes that meet with faults at it."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def server() -> Iterator[Any]:
    from tests.support.alpaca_server.server import alpaca_server  # not everybody has what it needs

    with alpaca_server() as made:
        yield made
