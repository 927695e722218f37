"""Several things at once, on threads that hold nobody up who is interrupted: they end with the process."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread


def at_once[T, R](work: Callable[[T], R], given: Sequence[T], count: int) -> list[R]:
    """Return ``work(one)`` for each of `given`, in their order, with at most `count` at work.

    Not `concurrent.futures`: that waits for its threads when it is interrupted, and at the end of the process again.
    What these have started ends with the process too, if it is tied to it.

    Raises
    ------
    BaseException
        What `work` raised first.
    """
    waiting: SimpleQueue[tuple[int, T]] = SimpleQueue()
    done: SimpleQueue[tuple[int, R | None, BaseException | None]] = SimpleQueue()
    for pair in enumerate(given):
        waiting.put(pair)

    def serve() -> None:
        while True:
            try:
                place, one = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((place, work(one), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where the results are waited for
                done.put((place, None, error))

    for _ in range(min(count, len(given))):
        Thread(target=serve, daemon=True).start()
    found: dict[int, R] = {}
    while len(found) < len(given):
        place, result, error = done.get()
        if error is not None:
            while not waiting.empty():
                waiting.get_nowait()
            raise error
        found[place] = result  # type: ignore[assignment]
    return [found[place] for place in range(len(given))]
