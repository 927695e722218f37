"""The notice board: whoever has a notice hangs it up here, and each person is told in that person's way."""

from collections.abc import Callable, Iterable

from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.mailbox import Mailbox
from sagetrade_nautilus.bot.notices.notice import Message, Notice
from sagetrade_nautilus.bot.notices.quiet import next_at
from sagetrade_nautilus.bot.words.periods import Period


class NoticeBoard:
    """Folds notices for each person and sends what is due. It never waits.

    Parameters
    ----------
    send : callable
        Takes a person's id and a message, and returns at once: an outbox that queues it.
    hearers : callable
        Returns who is told at present, with their choices; they may change at any time.
    summary : callable
        Sends the summary of a period to a person, and returns at once: `Summaries.send`.
    """

    def __init__(
        self,
        send: Callable[[int, Message], None],
        hearers: Callable[[], Iterable[Hearer]],
        summary: Callable[[Hearer, Period], None],
    ) -> None:
        self._send = send
        self._hearers = hearers
        self._summary = summary
        self._boxes: dict[int, Mailbox] = {}
        self._summaries: dict[tuple[int, Period], tuple[object, int]] = {}

    def hang(self, notices: Iterable[Notice], now_ns: int) -> None:
        """Take notices, and send at once what is due at once."""
        boxes = self._current()
        for notice in notices:
            for box in boxes:
                box.put(notice)
        self._flush(boxes, now_ns)

    def tick(self, now_ns: int) -> None:
        """Send what has become due, summaries too; to be called every second or so."""
        boxes = self._current()
        self._flush(boxes, now_ns)
        for box in boxes:
            for period in (Period.DAY, Period.WEEK):
                if self._is_due(box.hearer, period, now_ns):
                    self._summary(box.hearer, period)

    def close(self, now_ns: int) -> None:
        """Send what waits to be folded, since there is no later; what waits for the end of quiet hours is not sent."""
        self._flush(self._current(), now_ns, is_last=True)

    def _flush(self, boxes: list[Mailbox], now_ns: int, *, is_last: bool = False) -> None:
        for box in boxes:
            message = box.due(now_ns, is_last=is_last)
            if message is not None:
                self._send(box.hearer.user_id, message)

    def _current(self) -> list[Mailbox]:
        """Return the mailboxes of those who are told now. Whoever is no more is forgotten, with what waited."""
        boxes: dict[int, Mailbox] = {}
        for hearer in self._hearers():
            box = self._boxes.get(hearer.user_id) or Mailbox(hearer)
            box.hearer = hearer
            boxes[hearer.user_id] = box
        self._boxes = boxes
        return list(boxes.values())

    def _is_due(self, hearer: Hearer, period: Period, now_ns: int) -> bool:
        """Tell whether a summary's hour has come since the last tick. One before the first tick is not made up."""
        weekly = period is Period.WEEK
        chosen = hearer.weekly if weekly else hearer.daily
        plan = (chosen, hearer.zone)
        known, due_ns = self._summaries.get((hearer.user_id, period), (None, 0))
        if known == plan and now_ns < due_ns:
            return False
        self._summaries[hearer.user_id, period] = (plan, _next(hearer, period, now_ns))
        return known == plan and chosen is not None


def _next(hearer: Hearer, period: Period, now_ns: int) -> int:
    if period is Period.WEEK and hearer.weekly is not None:
        weekday, hour = hearer.weekly
        return next_at(now_ns, hour, hearer.tz, weekday)
    if period is Period.DAY and hearer.daily is not None:
        return next_at(now_ns, hearer.daily, hearer.tz)
    return now_ns
