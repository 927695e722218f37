"""The bot's core: what a person says goes in, what is to be sent comes out. It knows nothing of the network."""

from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Final

from sagetrade_nautilus.bot.ask import Ask, Deed
from sagetrade_nautilus.bot.authority import Refusal, Role
from sagetrade_nautilus.bot.commands import COMMANDS
from sagetrade_nautilus.bot.commands.account import RUN
from sagetrade_nautilus.bot.confirming import CANCEL, CONFIRM, Confirming, is_code
from sagetrade_nautilus.bot.desk import Desk
from sagetrade_nautilus.bot.store import BotStore
from sagetrade_nautilus.bot.telegram.pages import TAP as PAGE
from sagetrade_nautilus.bot.telegram.pages import Pager
from sagetrade_nautilus.bot.telegram.wire import Delete, Edit, Incoming, Menu, Outgoing, Reply, Send, TapHeard
from sagetrade_nautilus.bot.words.typed import typed
from sagetrade_nautilus.bot.words.voice import Voice
from sagetrade_nautilus.config.bot import BotConfig
from sagetrade_nautilus.errors import SageTradeError

QUESTION_CHARS_MAX: Final = 1_000
TOLD: Final = frozenset({Refusal.OLD, Refusal.FLOOD, Refusal.FORWARDED, Refusal.EDITED})
"""Refusals that a known person is told of."""


class Conversation:
    """Talks with people who have been let in.

    Parameters
    ----------
    config : BotConfig
        The bot's settings.
    desk : Desk
        The node.
    store : BotStore
        What people chose.
    folder : Path
        The node's state folder.
    """

    def __init__(self, config: BotConfig, desk: Desk, store: BotStore, folder: Path) -> None:
        self._config = config
        self._desk = desk
        self._store = store
        self._confirming = Confirming(folder, config.code_life_s, config.auto_approve, store.asked)
        self._pager = Pager()

    def voice(self, user_id: int) -> Voice:
        """Return the language that a person is spoken to in."""
        return Voice(self._store.settings(user_id).language or self._config.language)

    def refused(self, incoming: Incoming, refusal: Refusal) -> list[Outgoing]:
        """Return what a known person is told when a message of theirs is not heard: nothing, mostly."""
        if refusal not in TOLD or not incoming.is_private:
            return []
        voice = self.voice(incoming.user_id)
        return [Send(chat_id=incoming.user_id, text=voice.page(voice.say(f"refused.{refusal}")), critical=True)]

    def taken_away(self, incoming: Incoming, now_ns: int) -> list[Outgoing]:
        """Return what deletes a message that may be the password, heard or not; nothing for any other message."""
        awaited = self._confirming.awaits_password(incoming.user_id, now_ns)
        if not awaited or incoming.tap or incoming.command in COMMANDS or not incoming.is_private:
            return []
        return [Delete(chat_id=incoming.chat_id, message_id=incoming.message_id)]

    async def hear(self, incoming: Incoming, role: Role, now_ns: int) -> list[Outgoing]:
        """Return what is to be sent in answer to `incoming`, once it has been done.

        What fails is told in a sentence; only what nobody foresaw is raised.
        """
        ask = self._ask(incoming, role, incoming.arguments, now_ns)
        if incoming.tap:
            return [TapHeard(incoming.tap_id), *await self._tapped(ask, incoming)]
        if taken := self.taken_away(incoming, now_ns):
            answer = self._code if is_code(incoming.text) else self._password  # a password is longer than a code
            return [*taken, *await self._answer(ask, answer(ask, incoming.text))]
        if incoming.command:
            return await self._answer(ask, self._command(ask, incoming.command))
        if self._confirming.pending(ask.user_id) is not None and is_code(incoming.text):
            return await self._answer(ask, self._code(ask, incoming.text))
        if (word := incoming.text.strip().lower()) in COMMANDS:
            return await self._answer(ask, self._command(ask, word))
        return await self._answer(ask, self._question(ask, incoming.text))

    def menu(self, user_id: int, role: Role) -> Menu:
        """Return the list of commands that a person sees beside the text field."""
        voice = self.voice(user_id)
        names = [name for name, command in COMMANDS.items() if command.role <= role]
        return Menu(chat_id=user_id, commands=tuple((name, voice.say(f"command.{name}")) for name in names))

    def _ask(self, incoming: Incoming, role: Role, argument: str, now_ns: int) -> Ask:
        return Ask(
            user_id=incoming.user_id,
            role=role,
            argument=typed(argument),
            now_ns=now_ns,
            voice=self.voice(incoming.user_id),
            desk=self._desk,
            store=self._store,
            commands=COMMANDS,
        )

    async def _answer(self, ask: Ask, coming: Awaitable[Reply]) -> list[Outgoing]:
        language = ask.voice.language
        try:
            reply = await coming
        except SageTradeError as error:
            kind = type(error).__name__
            name = kind if ask.voice.has(f"failure.{kind}") else "other"
            reply = ask.say("form.failed", what=ask.voice.word("failure", name), problem=str(error))
        sent: list[Outgoing] = [self._pager.send(ask.user_id, reply, self.voice(ask.user_id))]
        if self.voice(ask.user_id).language != language:
            sent.append(self.menu(ask.user_id, ask.role))
        return sent

    async def _tapped(self, ask: Ask, incoming: Incoming) -> list[Outgoing]:
        tap = incoming.tap
        if tap.startswith(PAGE):
            page = self._pager.turn(ask.user_id, incoming.message_id, tap, ask.voice)
            return [page] if page is not None else await self._answer(ask, _now(ask.say("form.page_gone")))
        if tap.startswith(RUN):
            name, _, argument = tap.removeprefix(RUN).partition(" ")
            return await self._answer(ask, self._command(self._ask(incoming, ask.role, argument, ask.now_ns), name))
        if tap.startswith(CONFIRM):
            gone = self._without_buttons(ask, incoming)
            return [gone, *await self._answer(ask, self._code(ask, tap.removeprefix(CONFIRM)))]
        if tap == CANCEL:
            return [self._without_buttons(ask, incoming), *await self._answer(ask, self._cancel(ask))]
        return await self._answer(ask, _now(ask.say("form.page_gone")))

    @staticmethod
    def _without_buttons(ask: Ask, incoming: Incoming) -> Edit:
        """Return an edit that leaves a question for a code without its code and buttons: it has been answered."""
        text = ask.voice.page(ask.voice.say("confirm.answered"))
        return Edit(chat_id=incoming.chat_id, message_id=incoming.message_id, text=text)

    async def _command(self, ask: Ask, name: str) -> Reply:
        command = COMMANDS.get(name)
        if command is None:
            return ask.say("form.unknown_command")
        if ask.role < command.role:
            self._desk.note(f"command:{name}", f"refused: a {ask.role.name.lower()} may not", ask.by)
            return ask.say("refused.role", role=ask.voice.word("authority", command.role.name.lower()))
        wish = await command.run(ask)
        return wish if isinstance(wish, Reply) else await self._confirming.begin(ask, name, wish)

    async def _code(self, ask: Ask, code: str) -> Reply:
        deed = await self._again(ask)
        return deed if isinstance(deed, Reply) else await self._confirming.take_code(*deed, code.strip())

    async def _password(self, ask: Ask, password: str) -> Reply:
        deed = await self._again(ask)
        return deed if isinstance(deed, Reply) else await self._confirming.take_password(*deed, password)

    async def _cancel(self, ask: Ask) -> Reply:
        return ask.say("confirm.cancelled" if await self._confirming.forget(ask) else "confirm.void")

    async def _again(self, ask: Ask) -> Reply | tuple[Ask, Deed]:
        """Return what waits for confirmation as it would be done now, or what to say where it cannot be any more."""
        pending = self._confirming.pending(ask.user_id)
        if pending is None:
            self._desk.note("command", "refused: a code for nothing", ask.by)
            await self._confirming.forget(ask)
            return ask.say("confirm.void")
        command = COMMANDS[pending.command]
        again = replace(ask, argument=pending.argument)
        if ask.role < command.role:
            return await self._confirming.changed(ask)
        wish = await command.run(again)
        return (again, wish) if isinstance(wish, Deed) else await self._confirming.changed(ask)

    async def _question(self, ask: Ask, text: str) -> Reply:
        if not text.strip():
            return ask.say("form.text_only")
        counsel, asked = self._desk.counsel, text[:QUESTION_CHARS_MAX]
        return Reply(ask.voice.plain(await counsel.answer(asked, ask.look(), ask.voice.language, ask.zone)))


async def _now(reply: Reply) -> Reply:
    return reply
