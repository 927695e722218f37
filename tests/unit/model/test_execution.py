"""A micro-trade's entry never goes beyond its cap or its quantity, and always ends in time, whatever the venue does."""

from decimal import Decimal, localcontext
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.execution import (
    Action,
    Cancel,
    ChangeAnswered,
    Ended,
    Filled,
    Finish,
    MicroPolicy,
    MicroState,
    Phase,
    Reprice,
    Send,
    Woke,
    advance,
    begin,
    price_limits,
)

S = 1_000_000_000


def policy(**changes: object) -> MicroPolicy:
    fields: dict[str, object] = {
        "sign": 1,
        "asked": 10,
        "first": 1_000,
        "cap": 1_005,
        "step": 2,
        "lifetime_ns": 10 * S,
        "reprice_ns": 2 * S,
        "cancel_ns": S,
        "cancels_max": 2,
    }
    return MicroPolicy(**{**fields, **changes})  # type: ignore[arg-type]


@st.composite
def policies(draw: st.DrawFn) -> MicroPolicy:
    sign = draw(st.sampled_from((1, -1)))
    cap = draw(st.integers(1_000, 2_000))
    return policy(
        sign=sign,
        asked=draw(st.integers(1, 50)),
        first=cap - sign * draw(st.integers(0, 100)),
        cap=cap,
        step=draw(st.integers(0, 30)),
        lifetime_ns=draw(st.integers(1, 60 * S)),
        reprice_ns=draw(st.sampled_from((0, 1, S, 3 * S))),
        cancel_ns=draw(st.integers(1, 5 * S)),
        cancels_max=draw(st.integers(1, 4)),
        partial=draw(st.sampled_from(("keep", "close"))),
    )


class Life:
    """Plays one entry against a venue whose every whim is drawn, and keeps what was done and when."""

    def __init__(self, asked: MicroPolicy, start: int = 0) -> None:
        self.policy = asked
        self.now = start
        self.done: list[tuple[int, Action]] = []
        self.states: list[MicroState] = []
        state, actions = begin(asked, start)
        self._take(state, actions)

    @property
    def state(self) -> MicroState:
        return self.states[-1]

    def hear(self, event: object, at: int | None = None) -> None:
        self.now = max(self.now, self.now if at is None else at)
        self._take(*advance(self.policy, self.state, event, self.now))  # type: ignore[arg-type]

    def wake(self) -> None:
        assert self.state.wake_ns is not None
        self.hear(Woke(), self.state.wake_ns)

    def of(self, kind: type) -> list:
        return [action for _, action in self.done if isinstance(action, kind)]

    def _take(self, state: MicroState, actions: tuple[Action, ...]) -> None:
        self.states.append(state)
        self.done += [(self.now, action) for action in actions]


@given(policies(), st.data())
def test_whatever_the_venue_does_the_bounds_hold(asked: MicroPolicy, data: st.DataObject) -> None:
    life, left = Life(asked), asked.asked
    while life.state.phase is not Phase.DONE:
        deed = data.draw(st.sampled_from(("silence", "fill", "answer", "end", "early")))
        if deed == "fill":
            size = data.draw(st.integers(1, left))
            left -= size
            life.hear(Filled(size))
        elif deed == "answer":
            life.hear(ChangeAnswered())
        elif deed == "end":
            life.hear(Ended())
        elif deed == "early":
            life.hear(Woke())
        else:
            life.wake()
    prices = [action.price for action in (*life.of(Send), *life.of(Reprice))]
    assert len(life.of(Send)) == 1
    assert all(asked.sign * (price - asked.cap) <= 0 for price in prices)
    assert all(asked.sign * (after - before) > 0 for before, after in pairwise(prices))
    assert life.now <= asked.lifetime_ns + asked.cancel_ns * asked.cancels_max
    assert all(at < asked.lifetime_ns for at, action in life.done if isinstance(action, Reprice))
    assert all(at >= asked.lifetime_ns for at, action in life.done if isinstance(action, Cancel))
    assert len(life.of(Cancel)) <= asked.cancels_max
    (finish,) = life.of(Finish)
    assert finish.filled == asked.asked - left
    assert finish.close == (asked.partial == "close" and 0 < finish.filled < asked.asked)
    assert life.state.wake_ns is None


@given(policies())
def test_a_venue_that_never_answers_is_left_in_bounded_time(asked: MicroPolicy) -> None:
    life = Life(asked)
    for _ in range(100_000):
        if life.state.phase is Phase.DONE:
            break
        if asked.reprice_ns == 1:  # a price every nanosecond of a minute is no test of this
            life.now = max(life.now, asked.lifetime_ns)
        life.hear(Woke(), life.state.wake_ns)
    assert life.of(Finish) == [Finish(0, close=False, why="unresolved")]
    assert len(life.of(Cancel)) == asked.cancels_max


def test_it_creeps_to_the_cap_one_price_at_a_time() -> None:
    life = Life(policy())
    for _ in range(3):
        life.wake()
        life.hear(ChangeAnswered())
    assert [(at // S, action) for at, action in life.done] == [
        (0, Send(1_000)),
        (2, Reprice(1_002)),
        (4, Reprice(1_004)),
        (6, Reprice(1_005)),
    ]
    assert life.state.wake_ns == 10 * S


def test_no_second_price_is_sent_while_the_first_is_unanswered() -> None:
    life = Life(policy())
    for _ in range(4):
        life.wake()
    assert life.of(Reprice) == [Reprice(1_002)]


def test_what_is_not_filled_in_time_is_cancelled() -> None:
    life = Life(policy(reprice_ns=0))
    life.wake()
    assert life.done[-1] == (10 * S, Cancel())
    life.hear(Ended())
    assert life.of(Finish) == [Finish(0, close=False, why="unfilled")]


@pytest.mark.parametrize(("partial", "closes"), [("keep", False), ("close", True)])
def test_a_part_is_kept_or_closed_as_the_policy_says(partial: str, closes: bool) -> None:
    life = Life(policy(partial=partial, reprice_ns=0))
    life.hear(Filled(4), S)
    life.wake()
    life.hear(Ended())
    assert life.of(Finish) == [Finish(4, closes, "partial")]


def test_a_fill_on_its_way_while_the_cancel_travels_completes_the_entry() -> None:
    life = Life(policy(reprice_ns=0, partial="close"))
    life.wake()
    life.hear(Filled(10))
    life.hear(Ended())
    assert life.of(Finish) == [Finish(10, close=False, why="filled")]


def test_a_fill_after_the_end_is_told_and_closed_if_parts_are() -> None:
    life = Life(policy(reprice_ns=0, partial="close"))
    life.hear(Ended())
    life.hear(Filled(3))
    assert life.of(Finish)[1:] == [Finish(3, close=True, why="late_fill")]


@pytest.mark.parametrize(
    "changes",
    [
        {"first": 1_006},
        {"sign": -1},
        {"asked": 0},
        {"cap": 0, "first": 0},
        {"lifetime_ns": 0},
        {"cancel_ns": 0},
        {"cancels_max": 0},
        {"step": -1},
        {"reprice_ns": -1},
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a policy|do not go backward"):
        policy(**changes)


@given(
    st.decimals("0.01", "100000", places=4),
    st.sampled_from((1, -1)),
    st.floats(0.0, 500.0),
    st.floats(0.0, 500.0),
    st.sampled_from(("0.01", "0.5", "0.0001", "1")),
)
def test_the_cap_is_never_beyond_what_was_allowed(
    reference: Decimal, sign: int, one: float, other: float, tick: str
) -> None:
    first_bps, cap_bps = sorted((one, other))
    first, cap = price_limits(str(reference), sign, first_bps, cap_bps, tick)
    with localcontext(prec=200):
        allowed = reference * (1 + sign * Decimal(repr(cap_bps)) / 10_000)
        assert sign * (cap * Decimal(tick) - allowed) <= 0
        assert sign * (allowed - (cap + sign) * Decimal(tick)) < 0
    assert sign * (first - cap) <= 0


def test_the_first_price_takes_liquidity_and_the_cap_lies_within_the_allowance() -> None:
    assert price_limits("40000.00", 1, 1.0, 5.0, "0.01") == (4_000_400, 4_002_000)
    assert price_limits("40000.00", -1, 1.0, 5.0, "0.01") == (3_999_600, 3_998_000)
    assert price_limits("100.3", 1, 1.0, 5.0, "0.1") == (1_003, 1_003)
    assert price_limits("100.3", -1, 1.0, 5.0, "0.1") == (1_003, 1_003)
