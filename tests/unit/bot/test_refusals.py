"""Everybody who was not heard is journaled, and no flood fills the journal."""

from sagetrade_nautilus.bot.authority import Refusal
from sagetrade_nautilus.bot.refusals import STRANGERS_PER_HOUR, Refusals
from sagetrade_nautilus.bot.telegram.wire import Incoming


def incoming(user_id: int) -> Incoming:
    return Incoming(update_id=1, user_id=user_id, chat_id=user_id, message_id=1)


def test_a_flood_of_one_person_is_one_line_a_minute_that_counts_the_others() -> None:
    notes: list[tuple[str, str, str]] = []
    refusals = Refusals(lambda *note: notes.append(note))
    said = [refusals.is_news(incoming(1), Refusal.FLOOD, now_s * 0.1, known=True) for now_s in range(601)]
    assert said.count(True) == 2
    assert notes == [
        ("message", "refused: flood", "telegram:1"),
        ("message", "refused: flood, and 599 times before", "telegram:1"),
    ]


def test_strangers_from_many_accounts_fill_no_journal_and_hide_nobody_who_is_known() -> None:
    notes: list[tuple[str, str, str]] = []
    refusals = Refusals(lambda *note: notes.append(note))
    for number in range(10_000):
        refusals.is_news(incoming(number), Refusal.STRANGER, 1.0, known=False)
    assert len(notes) == STRANGERS_PER_HOUR
    assert refusals.is_news(incoming(3), Refusal.EDITED, 1.0, known=True)
    assert refusals.is_news(incoming(20_000), Refusal.STRANGER, 3_700.0, known=False)


def test_each_kind_of_refusal_is_told() -> None:
    refusals = Refusals(lambda *note: None)
    assert all(refusals.is_news(incoming(1), kind, 1.0, known=True) for kind in Refusal)
