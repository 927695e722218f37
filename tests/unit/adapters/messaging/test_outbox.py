"""The outbox keeps order, bounds itself aloud, and survives its process."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messaging.outbox import Outbox
from adapters.messaging.wire import Message
from sagetrade_nautilus.errors import MessagingError


def message(number: int) -> Message:
    return Message(f"k{number}", "topic", f"p{number}".encode())


def waiting(box: Outbox) -> list[str]:
    return [kept.key for _, kept in box.first(1_000)]


def test_messages_come_out_in_order_and_stay_until_they_are_removed(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "new" / "q.sqlite", 10)
    box.add([message(1), message(2)])
    box.add([message(3)])
    assert [kept for _, kept in box.first(2)] == [message(1), message(2)]
    box.remove([number for number, _ in box.first(2)])
    assert waiting(box) == ["k3"]
    assert len(box) == 1


def test_what_waits_already_is_not_put_twice(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "q.sqlite", 10)
    box.add([message(1), message(1)])
    box.add([message(1)])
    assert waiting(box) == ["k1"]
    assert len(box) == 1


def test_beyond_its_bound_the_oldest_go_and_are_counted(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "q.sqlite", 3)
    for number in range(5):
        box.add([message(number)])
    assert waiting(box) == ["k2", "k3", "k4"]
    assert (len(box), box.dropped) == (3, 2)


def test_another_process_finds_what_waits_and_what_was_dropped(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "q.sqlite", 2)
    box.add([message(number) for number in range(3)])
    box.close()
    again = Outbox(tmp_path / "q.sqlite", 2)
    assert waiting(again) == ["k1", "k2"]
    assert (len(again), again.dropped) == (2, 1)


def test_two_processes_cannot_share_it(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "q.sqlite", 2)
    box.add([message(1)])
    with pytest.raises(MessagingError, match="another `sagetool ingest` uses it"):
        Outbox(tmp_path / "q.sqlite", 2)


def test_a_file_that_is_none_of_its_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(MessagingError, match="name another file"):
        Outbox(tmp_path / "q.sqlite", 2)


@given(
    st.integers(1, 5),
    st.lists(st.one_of(st.tuples(st.just("add"), st.integers(0, 9)), st.tuples(st.just("remove"), st.integers(0, 3)))),
)
def test_it_behaves_like_a_bounded_list_of_unique_messages(capacity: int, steps: list[tuple[str, int]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        box, model, dropped = Outbox(Path(folder) / "q.sqlite", capacity), list[str](), 0
        for step, number in steps:
            if step == "add":
                box.add([message(number)])
                if f"k{number}" not in model:
                    model.append(f"k{number}")
                dropped += max(0, len(model) - capacity)
                model = model[-capacity:]
            else:
                box.remove([at for at, _ in box.first(number)])
                model = model[number:]
            assert waiting(box) == model
            assert (len(box), box.dropped) == (len(model), dropped)
        box.close()
