"""Only a known person's own, fresh word in a private chat is heard, once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.authority import SEEN_MAX, Authority, Refusal, Role
from sagetrade_nautilus.bot.telegram.wire import Incoming

NOW_S = 1_800_000_000.0


def authority(**more: object) -> Authority:
    settings: dict[str, object] = {"message_age_s_max": 60.0, "per_minute": 5, **more}
    return Authority({1: Role.VIEWER, 3: Role.OWNER}, **settings)  # type: ignore[arg-type]


def incoming(**more: object) -> Incoming:
    fields: dict[str, object] = {"update_id": 1, "user_id": 3, "chat_id": 3, "message_id": 1, "sent_s": NOW_S}
    return Incoming(**{**fields, "text": "/status", **more})  # type: ignore[arg-type]


def test_a_known_person_is_heard_in_the_role_that_is_theirs() -> None:
    who = authority()
    assert who.admit(incoming(), NOW_S) is Role.OWNER
    assert who.admit(incoming(update_id=2, user_id=1, chat_id=1), NOW_S) is Role.VIEWER


@pytest.mark.parametrize("text", ["/status", "/emergency_stop", "hello"])
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"user_id": 2, "chat_id": 2}, Refusal.STRANGER),
        ({"user_id": -3, "chat_id": -3}, Refusal.STRANGER),
        ({"is_private": False, "chat_id": -100}, Refusal.GROUP),
        ({"is_private": False}, Refusal.GROUP),
        ({"chat_id": 1}, Refusal.GROUP),
        ({"is_forwarded": True}, Refusal.FORWARDED),
        ({"is_edited": True}, Refusal.EDITED),
        ({"is_bot": True}, Refusal.BOT),
    ],
)
def test_what_is_not_a_persons_own_word_is_never_heard(text: str, changes: dict[str, object], refusal: Refusal) -> None:
    assert authority().admit(incoming(text=text, **changes), NOW_S) is refusal


def test_an_empty_list_admits_nobody() -> None:
    nobody = Authority({}, message_age_s_max=60.0, per_minute=5)
    assert nobody.admit(incoming(), NOW_S) is Refusal.STRANGER
    assert nobody.admit(incoming(text="/emergency_stop"), NOW_S) is Refusal.STRANGER


@pytest.mark.parametrize("text", ["/status", "/emergency_stop"])
def test_an_update_is_heard_once_over_a_restart_too(text: str) -> None:
    who = authority()
    who.admit(incoming(text=text), NOW_S)
    assert who.admit(incoming(text=text), NOW_S) is Refusal.REPLAYED
    assert authority(seen=who.seen).admit(incoming(text=text), NOW_S) is Refusal.REPLAYED


@pytest.mark.parametrize(("sent_s", "heard"), [(-61.0, False), (-60.0, True), (60.0, True), (61.0, False)])
def test_a_message_counts_for_a_minute(sent_s: float, heard: bool) -> None:
    said = authority().admit(incoming(sent_s=NOW_S + sent_s), NOW_S)
    assert (said is Role.OWNER) is heard


def test_a_message_without_a_time_is_old_and_so_is_one_from_before_a_start_without_a_memory() -> None:
    assert authority().admit(incoming(sent_s=None), NOW_S) is Refusal.OLD
    assert authority(since_s=NOW_S).admit(incoming(sent_s=NOW_S - 1.0), NOW_S) is Refusal.OLD


def test_an_emergency_stop_is_never_too_old_and_never_too_much() -> None:
    who = authority(per_minute=1)
    assert who.admit(incoming(update_id=9), NOW_S) is Role.OWNER
    for number in range(10, 30):
        said = who.admit(incoming(update_id=number, text="/emergency_stop now", sent_s=NOW_S - 9_999.0), NOW_S)
        assert said is Role.OWNER


def test_a_viewers_emergency_stop_is_one_message_among_others() -> None:
    who = authority(per_minute=1)
    said = [
        who.admit(incoming(update_id=number, user_id=1, chat_id=1, text="/emergency_stop"), NOW_S) for number in (1, 2)
    ]
    assert said == [Role.VIEWER, Refusal.FLOOD]


def test_whoever_floods_is_not_heard_until_a_minute_has_passed() -> None:
    who = authority()
    said = [who.admit(incoming(update_id=number), NOW_S) for number in range(100)]
    assert said.count(Role.OWNER) == 5
    assert set(said[5:]) == {Refusal.FLOOD}
    assert who.admit(incoming(update_id=200, sent_s=NOW_S + 60.0), NOW_S + 60.0) is Role.OWNER


def test_one_persons_flood_keeps_nobody_else_out() -> None:
    who = authority()
    for number in range(100):
        who.admit(incoming(update_id=number, user_id=1, chat_id=1), NOW_S)
    assert who.admit(incoming(update_id=200), NOW_S) is Role.OWNER


def test_strangers_cannot_push_out_what_was_heard() -> None:
    who = authority()
    who.admit(incoming(), NOW_S)
    for number in range(2, SEEN_MAX + 10):
        who.admit(incoming(update_id=number, user_id=2, chat_id=2), NOW_S)
    assert who.seen == (1,)


@given(
    st.builds(Incoming, update_id=st.integers(), user_id=st.integers(), chat_id=st.integers(), message_id=st.just(1))
)
def test_nobody_but_who_is_named_is_ever_heard(any_incoming: Incoming) -> None:
    said = authority().admit(any_incoming, NOW_S)
    assert isinstance(said, Refusal)


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("/status", "status", ""),
        ("/Status@sage_bot", "status", ""),
        ("/explain  a-0001 ", "explain", "a-0001"),
        ("status", "", ""),
        ("", "", ""),
        ("/", "", ""),
    ],
)
def test_a_command_is_what_begins_with_a_slash(text: str, command: str, arguments: str) -> None:
    assert (incoming(text=text).command, incoming(text=text).arguments) == (command, arguments)
