"""A node that dies by `kill -9` around a stop, while it sends 100 orders a second, sends none when it starts again."""

import random
import time
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.latch import put
from tests.support.live import Node

pytestmark = pytest.mark.slow
WATCHED_S = 1.0


@pytest.mark.parametrize("seed", range(4))
def test_no_order_leaves_after_a_death_and_a_restart(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    put(tmp_path / "latch.json")
    with Node(tmp_path, "flood") as node:
        node.wait(lambda: len(node.log()) > 250)
        time.sleep(rng.uniform(0.0, 0.05))
        if seed % 2:
            node.process.kill()
        Latch(tmp_path / "latch.json").engage(State.HALTED, "a drill", "test", time.time_ns())
        time.sleep(rng.uniform(0.0, 0.03))
        node.process.kill()
        node.process.wait()
        sent = len(node.log())
    with Node(tmp_path, "flood") as again:
        again.wait(lambda: again.beat() is not None and again.beat().pid == again.process.pid)  # type: ignore[union-attr]
        time.sleep(WATCHED_S)
        beat = again.beat()
        again.stop()
    assert [line["what"] for line in again.log()[sent:] if line["what"] in ("submit", "modify")] == []
    assert beat is not None
    assert beat.state == "halted"
