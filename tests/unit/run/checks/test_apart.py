"""Work in processes of its own: results and errors come back, and nothing outlives an error."""

import os
import signal
import time

import pytest

from sagetrade_nautilus.errors import DataError, RunError
from sagetrade_nautilus.run.checks.apart import ProcessDiedError, processes


def _pid() -> int:
    return os.getpid()


def _fail() -> None:
    raise DataError("no bars")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _linger() -> None:
    time.sleep(60)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_piece_of_work_has_a_process_of_its_own() -> None:
    with processes(2) as pool:
        found = {pool.submit(_pid).result() for _ in range(3)}
    assert len(found) == 3
    assert os.getpid() not in found


def test_a_process_may_do_several_pieces_of_work_and_then_gives_way() -> None:
    with processes(1, works_each=3) as pool:
        found = [pool.submit(_pid).result() for _ in range(7)]
    assert [found.count(pid) for pid in dict.fromkeys(found)] == [3, 3, 1]
    assert not any(_lives(pid) for pid in found)


def test_after_a_death_the_next_piece_of_work_has_a_new_process() -> None:
    with processes(1, works_each=100) as pool:
        first = pool.submit(_pid).result()
        with pytest.raises(ProcessDiedError):
            pool.submit(_die).result()
        assert pool.submit(_pid).result() != first


def test_what_cannot_be_sent_is_an_error_and_no_death() -> None:
    with processes(1, works_each=100) as pool:
        first = pool.submit(_pid).result()
        with pytest.raises(AttributeError):
            pool.submit(lambda: None).result()
        assert pool.submit(_pid).result() == first


def test_an_error_comes_back_and_so_does_a_death() -> None:
    with processes(2) as pool:
        failed, died = pool.submit(_fail), pool.submit(_die)
        with pytest.raises(DataError, match="no bars"):
            failed.result()
        with pytest.raises(RunError, match="ended with -9"):
            died.result()


def test_what_runs_and_what_waits_is_ended_when_the_block_is_left_with_an_error() -> None:
    began = time.monotonic()

    def leave() -> None:
        with processes(2) as pool:
            for _ in range(4):
                pool.submit(_linger)
            time.sleep(0.5)
            running.update(worker.process.pid for worker in pool._running)
            raise KeyboardInterrupt

    running: set[int] = set()
    with pytest.raises(KeyboardInterrupt):
        leave()
    assert time.monotonic() - began < 20.0
    assert running
    assert not any(_lives(pid) for pid in running)
