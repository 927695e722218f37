"""The kill switch's states, and the bytes of its record."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.guard.switch.state import LatchRecord, State, StateChange, decode, encode, fault, tighten
from tests.support.latch import NOW, record

STATES = st.sampled_from(list(State))
REQUESTS = st.tuples(STATES, st.booleans(), st.text(max_size=20), st.integers(0, 2 * NOW))


def test_states_compare_by_strictness_not_by_the_alphabet() -> None:
    assert sorted(State, reverse=True) == [State.HALTED, State.REDUCE_ONLY, State.NO_ENTRIES, State.RUNNING]
    assert State.RUNNING < State.NO_ENTRIES <= State.NO_ENTRIES < State.REDUCE_ONLY < State.HALTED
    assert State.HALTED > "running"
    assert State.HALTED >= "halted"


@given(STATES, st.text(), st.booleans(), st.integers(1, 2**62))
def test_a_record_comes_back_as_it_was_written(state: State, reason: str, flatten: bool, sequence: int) -> None:
    made = record(state, reason=reason.encode("utf-8", "replace").decode(), flatten=flatten, sequence=sequence)
    assert decode(encode(made)) == made


@given(st.binary(max_size=400))
def test_any_other_bytes_are_halted(raw: bytes) -> None:
    assert decode(raw).state is State.HALTED
    assert decode(raw).is_fault


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((b'"running"', b'"paused"'), "Invalid enum value 'paused'"),
        ((b'"reason":"r"', b'"reason":"s"'), "checksum"),
        ((b'"sequence":1', b'"sequence":-1'), "checksum"),
        ((b'"sequence":1', b'"sequence":99999999999999999999999999999'), "corrupt"),
        ((b'"by"', b'"from"'), "unknown field"),
        ((b":{", b": {"), "checksum"),
    ],
)
def test_a_record_that_was_edited_is_a_fault_that_says_why(change: tuple[bytes, bytes], why: str) -> None:
    raw = encode(record())
    assert change[0] in raw
    assert why in decode(raw.replace(*change, 1)).reason


def test_a_sealed_record_without_a_sequence_is_a_fault() -> None:
    assert decode(encode(record(sequence=0))).is_fault


@given(STATES, st.lists(REQUESTS, max_size=12))
def test_whatever_is_asked_the_switch_never_loosens(start: State, requests: list[tuple[State, bool, str, int]]) -> None:
    now: LatchRecord = record(start)
    for state, flatten, reason, ts in requests:
        after = tighten(now, state, reason=reason, by="b", now_ns=ts, flatten=flatten)
        assert after.state == max(now.state, state)
        assert after.flatten == (now.flatten or flatten)
        assert after is now or (after.sequence > now.sequence and after.previous == now.digest)
        assert decode(encode(after)) == after
        now = after


def test_asking_twice_changes_nothing() -> None:
    first = tighten(record(), State.HALTED, reason="a", by="b", now_ns=NOW + 1, flatten=True)
    assert tighten(first, State.HALTED, reason="a", by="b", now_ns=NOW + 2, flatten=True) is first


def test_a_weaker_wish_leaves_the_reason_alone() -> None:
    halted = record(State.HALTED)
    assert tighten(halted, State.NO_ENTRIES, reason="lunch", by="b", now_ns=NOW, flatten=False) is halted


def test_another_persons_stop_is_written_down_and_voids_what_was_confirmed_before() -> None:
    halted = record(State.HALTED)
    after = tighten(halted, State.HALTED, reason="another", by="b", now_ns=NOW, flatten=False)
    assert after.reason == "another"
    assert after.digest != halted.digest


def test_a_stop_after_a_fault_is_put_on_record_as_halted() -> None:
    after = tighten(fault("gone"), State.NO_ENTRIES, reason="r", by="b", now_ns=NOW, flatten=False)
    assert (after.state, after.sequence) == (State.HALTED, NOW)


def test_a_reason_that_no_file_can_hold_does_not_prevent_a_stop() -> None:
    after = tighten(record(), State.HALTED, reason="\udc80\x1b[31m\n" + "x" * 5000, by="b\0", now_ns=NOW, flatten=False)
    assert decode(encode(after)) == after
    assert "\x1b" not in after.reason
    assert len(after.reason) == 1000


def test_a_change_is_a_line_of_the_journal() -> None:
    change = StateChange.between(record(), record(State.HALTED, flatten=True, reason="why"), NOW)
    line = msgspec.json.decode(msgspec.json.encode(change))
    assert line["type"] == "state_change"
    assert (line["before"], line["after"], line["reason"], line["changed"]) == ("running", "halted", "why", True)
