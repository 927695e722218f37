"""Long answers, a page at a time: Telegram takes 4,096 characters, and nobody reads them at once."""

from collections import OrderedDict

from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.telegram.wire import Button, Edit, Reply, Rows, Send
from sagetrade_nautilus.bot.words.voice import Voice

PAGE_CHARS_MAX = 1_800
NOTICE_CHARS_MAX = 3_500
"""Telegram takes 4,096; a notice has no buttons to turn pages with."""
ANSWERS_MAX = 200
TAP = "p:"


def split(text: str, chars_max: int = PAGE_CHARS_MAX) -> list[str]:
    """Return `text` in pages of whole lines, cut at empty lines where that is near; no page is empty.

    A line is never parted, so that no mark-up is torn; one that is longer than a page is a page.
    """
    pages: list[list[str]] = [[]]
    size = 0
    for line in text.split("\n"):
        full = size + len(line) + 1 > chars_max
        if pages[-1] and (full or (not line and size > chars_max * 3 // 4)):
            pages.append([])
            size = 0
        if line or pages[-1]:
            pages[-1].append(line)
            size += len(line) + 1
    return ["\n".join(page).rstrip("\n") for page in pages if any(page)] or [text]


def sends(user_id: int, message: Message, voice: Voice) -> list[Send]:
    """Return a notice as messages that Telegram takes, in their order; the first one has the picture."""
    return [
        Send(chat_id=user_id, text=page, picture=None if number else message.picture, critical=message.critical)
        for number, page in enumerate(split(voice.plain(message.text), NOTICE_CHARS_MAX))
    ]


class Pager:
    """Keeps the last long answers, so that somebody can turn their pages."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[int, list[str], Rows]] = OrderedDict()
        self._count = 0

    def send(self, user_id: int, reply: Reply, voice: Voice) -> Send:
        """Return the first page of an answer."""
        pages = split(reply.text)
        if len(pages) == 1:
            return Send(chat_id=user_id, text=reply.text, rows=reply.rows, picture=reply.picture, critical=True)
        self._count += 1
        name = str(self._count)
        self._answers[name] = (user_id, pages, reply.rows)
        while len(self._answers) > ANSWERS_MAX:
            self._answers.popitem(last=False)
        text, rows = self._page(name, 0, voice)
        return Send(chat_id=user_id, text=text, rows=rows, picture=reply.picture, critical=True)

    def turn(self, user_id: int, message_id: int, tap: str, voice: Voice) -> Edit | None:
        """Return the page that a tap asks for; ``None`` where the answer is forgotten, or was another person's."""
        name, _, number = tap.removeprefix(TAP).partition(":")
        answer = self._answers.get(name)
        if answer is None or answer[0] != user_id or number not in map(str, range(len(answer[1]))):
            return None
        text, rows = self._page(name, int(number), voice)
        return Edit(chat_id=user_id, message_id=message_id, text=text, rows=rows)

    def _page(self, name: str, number: int, voice: Voice) -> tuple[str, Rows]:
        _, pages, rows = self._answers[name]
        place = voice.say("form.page", n=voice.fixed(str(number + 1)), of=voice.fixed(str(len(pages))))
        turns = []
        if number:
            turns.append(Button(voice.say("button.back"), f"{TAP}{name}:{number - 1}"))
        if number + 1 < len(pages):
            turns.append(Button(voice.say("button.next"), f"{TAP}{name}:{number + 1}"))
        return f"{pages[number]}\n\n{voice.page(place)}", (tuple(turns), *rows)
