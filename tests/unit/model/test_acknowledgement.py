"""An order is sent again only when the venue has said at every question that it does not have it."""

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.acknowledgement import AckPolicy, Deed, sent, unknown, woken

policies = st.builds(AckPolicy, st.integers(1, 100), st.integers(1, 5), st.integers(0, 4))


@given(policies, st.lists(st.booleans(), max_size=60))
def test_whatever_is_answered_every_resend_follows_that_many_unknowns_and_it_ends(
    policy: AckPolicy, answers: list[bool]
) -> None:
    silence, deeds, said = sent(policy, 0), [], iter(answers)
    run: list[bool] = []
    while silence.wake_ns is not None:
        silence, deed = woken(policy, silence, silence.wake_ns)
        deeds.append(deed)
        if deed is Deed.QUERY:
            answered = next(said, False)
            run.append(answered)
            silence = unknown(silence) if answered else silence
        elif deed is Deed.RESEND:
            assert run == [True] * policy.queries_max
            run = []
    assert deeds[-1] is Deed.GIVE_UP
    assert deeds.count(Deed.RESEND) <= policy.resends_max
    assert deeds.count(Deed.QUERY) <= policy.queries_max * (policy.resends_max + 1)


def test_a_venue_that_knows_nothing_is_asked_then_sent_the_order_again() -> None:
    policy = AckPolicy(10, queries_max=2, resends_max=1)
    silence, seen = sent(policy, 0), []
    while silence.wake_ns is not None:
        now = silence.wake_ns
        silence, deed = woken(policy, silence, now)
        seen.append((now, deed))
        silence = unknown(silence)
    assert seen == [
        (10, Deed.QUERY),
        (20, Deed.QUERY),
        (30, Deed.RESEND),
        (40, Deed.QUERY),
        (50, Deed.QUERY),
        (60, Deed.GIVE_UP),
    ]


def test_two_answers_to_one_question_count_once() -> None:
    policy = AckPolicy(10, queries_max=2, resends_max=1)
    silence, _ = woken(policy, sent(policy, 0), 10)
    silence = unknown(unknown(silence))
    silence, _ = woken(policy, silence, 20)
    assert woken(policy, silence, 30)[1] is Deed.GIVE_UP


def test_an_answer_before_any_question_counts_for_nothing() -> None:
    policy = AckPolicy(10, queries_max=1, resends_max=1)
    silence, _ = woken(policy, unknown(sent(policy, 0)), 10)
    assert woken(policy, silence, 20)[1] is Deed.GIVE_UP


def test_nothing_is_done_before_its_time() -> None:
    policy = AckPolicy(10)
    silence = sent(policy, 0)
    assert woken(policy, silence, 9) == (silence, None)
