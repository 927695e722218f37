"""A pool gives results in order, keeps them, goes on where it was, and names the task that its workers die of."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.errors import DataError, RunError
from sagetrade_nautilus.experiments.sweeps.pool import LocalRunner, Pool, Sweep, make_pool, perform
from sagetrade_nautilus.experiments.sweeps.results import Results
from tests.support.pool_tasks import Errand, Measured, Setting, linger, measure, noted, refuse, square

ROOT = Path(__file__).resolve().parents[4]
SETTINGS = [Setting(seed) for seed in range(6)]


def test_results_come_in_the_order_of_the_tasks_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    pool = make_pool(PoolConfig(workers=2), tell=lambda done, total: told.append((done, total)))
    assert list(pool.map(square, range(9))) == [number**2 for number in range(9)]
    assert told == [(done, 9) for done in range(10)]


def test_results_are_the_same_to_the_bit_whatever_the_number_of_workers() -> None:
    alone = list(Sweep(LocalRunner(1, 100)).map(measure, SETTINGS))
    assert [found.seed for found in alone] == [0, 1, 2, 3, 4, 5]
    assert list(Sweep(LocalRunner(2, 2)).map(measure, SETTINGS)) == alone


def test_what_is_kept_is_not_done_again(tmp_path: Path) -> None:
    errands = [Errand(name, str(tmp_path / "marks")) for name in "abc"]
    (tmp_path / "marks").mkdir()
    pool = Sweep(LocalRunner(1), Results(tmp_path / "kept", "code 1"))
    assert list(pool.map(noted, errands[:2])) == ["a", "b"]
    assert list(pool.map(noted, errands)) == ["a", "b", "c"]
    assert sorted(path.name for path in (tmp_path / "marks").iterdir()) == ["a.0", "b.0", "c.0"]
    list(Sweep(LocalRunner(1), Results(tmp_path / "kept", "code 2")).map(noted, errands[:1]))
    assert (tmp_path / "marks" / "a.1").exists()


def test_a_kept_result_that_a_crash_has_spoilt_is_done_again(tmp_path: Path) -> None:
    results = Results(tmp_path, "x")
    pool = Sweep(LocalRunner(1), results)
    assert list(pool.map(square, [3])) == [9]
    (kept,) = (path for path in tmp_path.rglob("*") if path.is_file())
    kept.write_bytes(kept.read_bytes()[:-1])
    assert list(pool.map(square, [3])) == [9]
    assert list(Sweep(_unused, results).map(square, [3])) == [9]


def _unused(function: object, waiting: dict[int, bytes]):
    assert not waiting
    yield from ()


def test_a_worker_that_dies_is_replaced_once(tmp_path: Path) -> None:
    errands = [Errand("a", str(tmp_path)), Errand("b", str(tmp_path), deaths=1), Errand("c", str(tmp_path))]
    assert list(Sweep(LocalRunner(2)).map(noted, errands)) == ["a", "b", "c"]


def test_a_task_that_two_workers_die_of_is_named(tmp_path: Path) -> None:
    errands = [Errand("a", str(tmp_path)), Errand("fatal", str(tmp_path), deaths=9)]
    with pytest.raises(RunError, match=r"task 1 took two workers with it.*ended with -9.*fatal"):
        list(Sweep(LocalRunner(2)).map(noted, errands))
    assert len(list(tmp_path.glob("fatal.*"))) == 2


def test_what_a_task_raises_is_raised() -> None:
    with pytest.raises(DataError, match="no bars for 4"):
        list(Sweep(LocalRunner(1)).map(refuse, [4]))


def test_results_of_the_wrong_kind_are_none(tmp_path: Path) -> None:
    assert perform(square, b"\x03") == b"\x09"
    found = next(iter(Sweep(LocalRunner(1), Results(tmp_path, "")).map(measure, [Setting(1)])))
    assert isinstance(found, Measured)


def test_leaving_a_sweep_early_ends_its_workers() -> None:
    began = time.monotonic()
    running = Sweep(LocalRunner(2)).map(linger, [0, 1, 2])
    assert next(running) == 0
    running.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 30.0


def test_ctrl_c_leaves_no_worker_and_what_was_done(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from sagetrade_nautilus.experiments.sweeps.pool import LocalRunner, Sweep\n"
        "from sagetrade_nautilus.experiments.sweeps.results import Results\n"
        "from tests.support.pool_tasks import linger\n"
        "if __name__ == '__main__':\n"
        "    pool = Sweep(LocalRunner(2), Results(pathlib.Path(sys.argv[1]), 'x'))\n"
        "    for found in pool.map(linger, [0, 1, 2, 3]):\n"
        "        print('done', found, flush=True)\n"
    )
    script = tmp_path / "sweep.py"
    script.write_text(program)
    command = [sys.executable, str(script), str(tmp_path / "kept")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done 0\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30.0) != 0
    assert _is_gone_soon(process.pid)
    assert len([path for path in (tmp_path / "kept").rglob("*") if path.is_file()]) == 1


def _is_gone_soon(group: int) -> bool:
    """The tracker that Python itself starts beside workers ends right after them."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
def test_a_ray_cluster_gives_the_same_to_the_bit(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs Ray: pip install 'sagetrade-nautilus[ray]'")
    pool: Pool = make_pool(PoolConfig(backend="ray"), Results(tmp_path / "kept", "x"))
    here = list(Sweep(LocalRunner(2)).map(measure, SETTINGS))
    assert list(pool.map(measure, SETTINGS)) == here
    assert list(Sweep(_unused, Results(tmp_path / "kept", "x")).map(measure, SETTINGS[:2])) == here[:2]


@pytest.mark.slow
def test_on_ray_too_a_worker_is_replaced_once_and_then_its_task_is_named(tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason="needs Ray: pip install 'sagetrade-nautilus[ray]'")
    ray.init(include_dashboard=False, log_to_driver=False)
    try:
        pool = make_pool(PoolConfig(backend="ray"))
        assert list(pool.map(noted, [Errand("once", str(tmp_path), deaths=1)])) == ["once"]
        with pytest.raises(RunError, match=r"task 0 took two workers with it.*fatal"):
            list(pool.map(noted, [Errand("fatal", str(tmp_path), deaths=9)]))
        with pytest.raises(DataError, match="no bars for 4"):
            list(pool.map(refuse, [4]))
        assert ray.is_initialized()
    finally:
        ray.shutdown()
