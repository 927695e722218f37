"""Folds a burst of notices for one person into one message, and holds back in quiet hours what can wait. Pure."""

from collections import Counter, deque
from math import fsum
from typing import Final

from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Closed, Kind, Message, Notice, line
from sagetrade_nautilus.bot.notices.quiet import is_quiet
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.bot.words.say import say
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

FOLD_NS: Final = 10 * NANOS_PER_SECOND
CRITICAL_FOLD_NS: Final = 2 * NANOS_PER_SECOND
WAITING_MAX: Final = 200
LINES_MAX: Final = 10
LAST_LINES: Final = 5


class Mailbox:
    """What waits for one person.

    The first notice after a calm is due at once; those that follow within ten seconds come together in one message, in
    their order, what is critical before the rest. That is due at once too, at most two seconds after another message.
    In quiet hours only what is critical is due; the rest comes when they end. Beyond 200 that wait the oldest are
    counted only.

    Parameters
    ----------
    hearer : Hearer
        The person; may be replaced when other choices are made.
    """

    def __init__(self, hearer: Hearer) -> None:
        self.hearer = hearer
        self._waiting: deque[Notice] = deque()
        self._missed: Counter[Kind] = Counter()
        self._missed_net: dict[str, float] = {}
        self._sent_ns = -FOLD_NS

    def put(self, notice: Notice) -> None:
        """Take a notice, if the person wishes to hear of its kind."""
        if notice.kind not in self.hearer.kinds:
            return
        self._waiting.append(notice)
        if len(self._waiting) > WAITING_MAX:
            lost = next((waiting for waiting in self._waiting if not waiting.critical), self._waiting[0])
            self._waiting.remove(lost)
            self._missed[lost.kind] += 1
            if isinstance(lost, Closed):
                self._missed_net[lost.currency] = self._missed_net.get(lost.currency, 0.0) + lost.net

    def due(self, now_ns: int, *, is_last: bool = False) -> Message | None:
        """Return the message that is due at `now_ns`, and forget what it says; ``None`` if there is none.

        What would still be folded is due too where `is_last`: no later moment comes.
        """
        since_ns = now_ns - self._sent_ns
        folds_no_more = is_last or since_ns < 0
        critical = [notice for notice in self._waiting if notice.critical]
        quiet = is_quiet(now_ns, self.hearer.quiet, self.hearer.tz)
        if critical and (folds_no_more or since_ns >= CRITICAL_FOLD_NS):
            taken = critical if quiet else list(self._waiting)
        elif self._waiting and not quiet and (folds_no_more or since_ns >= FOLD_NS):
            taken = list(self._waiting)
        else:
            return None
        return self._message(taken, now_ns, with_missed=not quiet)

    def _message(self, taken: list[Notice], now_ns: int, *, with_missed: bool) -> Message:
        missed, nets = (self._missed, self._missed_net) if with_missed else (Counter(), {})
        gravest = sorted(taken, key=lambda notice: not notice.critical)
        text = folded(gravest, missed, nets, Show(self.hearer.language))
        chosen = {id(notice) for notice in taken}
        self._waiting = deque(notice for notice in self._waiting if id(notice) not in chosen)
        if with_missed:
            self._missed, self._missed_net = Counter(), {}
        self._sent_ns = now_ns
        return Message(text=text, critical=any(notice.critical for notice in taken))


def folded(notices: list[Notice], missed: Counter[Kind], missed_nets: dict[str, float], show: Show) -> str:
    """Return notices as one text: each in a line, or, of many, how many of each kind, all critical and the last ones.

    Parameters
    ----------
    missed : Counter
        How many more there were of each kind.
    missed_nets : dict[str, float]
        What those of them that were closed trades made, by currency.
    """
    if len(notices) <= LINES_MAX and not missed:
        return "\n".join(line(notice, show) for notice in notices)
    counts = Counter(notice.kind for notice in notices) + missed
    lines = [say(show.language, "notice.many", count=str(sum(counts.values())))]
    lines += [
        say(
            show.language, f"notice.count.{kind.value}", count=str(counts[kind]), nets=_nets(notices, missed_nets, show)
        )
        for kind in Kind
        if counts[kind]
    ]
    gravest = [notice for notice in notices if notice.critical][-LINES_MAX:]
    shown = gravest + [notice for notice in notices if not notice.critical][-LAST_LINES:]
    return "\n".join([*lines, "", say(show.language, "notice.last"), *(line(notice, show) for notice in shown)])


def _nets(notices: list[Notice], missed: dict[str, float], show: Show) -> str:
    """Return what closed trades made together, by currency: '+12.50 USDT'."""
    made: dict[str, list[float]] = {currency: [net] for currency, net in missed.items()}
    for notice in notices:
        if isinstance(notice, Closed):
            made.setdefault(notice.currency, []).append(notice.net)
    return show.listed(show.money(fsum(nets), currency, signed=True) for currency, nets in sorted(made.items()))
