"""The bot in the node: a Nautilus actor whose work runs as tasks on the node's own event loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from math import floor
from pathlib import Path
from typing import Final

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig

from sagetrade_nautilus.background import Background
from sagetrade_nautilus.bot.advisor.facts import Rules
from sagetrade_nautilus.bot.authority import EMERGENCY_STOP, Authority, Refusal, Role
from sagetrade_nautilus.bot.commands.switch import STOPPED
from sagetrade_nautilus.bot.conversation import Conversation
from sagetrade_nautilus.bot.counsel import Counsel, phraser_of
from sagetrade_nautilus.bot.desk import Desk
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.refusals import Refusals
from sagetrade_nautilus.bot.store import BotStore
from sagetrade_nautilus.bot.telegram.client import Client
from sagetrade_nautilus.bot.telegram.outbox import Outbox
from sagetrade_nautilus.bot.telegram.pages import sends
from sagetrade_nautilus.bot.telegram.wire import Incoming, Send, TapHeard
from sagetrade_nautilus.config import AggregatorConfig, BotConfig, CostConfig, LimitConfig, LlmConfig
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import LAST_WORDS_ENDPOINT
from sagetrade_nautilus.observer import Observer
from sagetrade_nautilus.run.node.bot import TOKEN
from sagetrade_nautilus.secrets import read_secret

CLOSE_S_MAX: Final = 3.0
"""How long it goes on sending, once the node stops, what is still to be said."""
AGAIN_S: Final = 5.0


class TelegramActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of `TelegramActor`. The token is not in it.

    Parameters
    ----------
    bot : BotConfig
        Who may say what.
    limits : LimitConfig
        The guard's thresholds, for whoever asks.
    state : str
        The node's state folder.
    costs : CostConfig
        What the advisor says that a trade costs.
    aggregator : AggregatorConfig
        Below which score it says that there is no direction.
    llm : LlmConfig
        The language model that may phrase an answer; without a name there is none.
    experiments : str
        The folder of the experiments.
    """

    bot: BotConfig = BotConfig()
    limits: LimitConfig = LimitConfig()
    state: str = "state"
    costs: CostConfig = CostConfig()
    aggregator: AggregatorConfig = AggregatorConfig()
    llm: LlmConfig = LlmConfig()
    experiments: str = "experiments"


class TelegramActor(Actor):
    """Hears people, answers them and tells them of the node; whatever fails in here is logged, and trading goes on."""

    config: TelegramActorConfig

    def __init__(self, config: TelegramActorConfig) -> None:
        super().__init__(config)
        self._background = Background(lambda error: self.log.error(f"the bot failed: {type(error).__name__}"))
        self._turns: dict[int, asyncio.Lock] = {}
        self._saving = asyncio.Lock()
        self._stopping: set[int] = set()

    def on_start(self) -> None:
        bot, folder = self.config.bot, Path(self.config.state)
        observer = Observer(self.msgbus, self.cache, self.clock)
        self._desk = Desk(observer.look, self.msgbus.publish, self.config.limits)
        self._store = BotStore(folder)
        if not self._store.is_sound:
            self.log.error("the bot's file was damaged; it begins anew, and the old one is kept beside it as .damaged")
        self._users = {int(name): Role[role.upper()] for name, role in bot.users.items()}
        if not self._users:
            self.log.warning("`bot.users` is empty: the bot answers nobody")
        self._authority = Authority(
            self._users,
            message_age_s_max=bot.message_age_s_max,
            per_minute=bot.messages_per_minute,
            seen=self._store.seen,
            since_s=0.0 if self._store.seen else floor(time.time()),  # Telegram tells whole seconds
        )
        self._refusals = Refusals(self._desk.note)
        self._conversation = Conversation(bot, self._desk, self._store, folder)
        self._client = Client(read_secret(TOKEN), bot.base_url, self._tell)
        self._outbox = Outbox(self._client.deliver, bot.outbox_max, self._tell, self._dropped)
        self._desk.waiting = self._outbox.__len__
        self._desk.counsel = self._counsel(observer)
        self._desk.counsel.start()
        for user_id, role in self._users.items():
            self._outbox.answer(self._conversation.menu(user_id, role))
        self._loop = asyncio.get_running_loop()
        self._work = self._loop.create_task(self._until_stopped())

    def on_stop(self) -> None:
        self._desk.counsel.stop()
        self._work.cancel()
        self.msgbus.send(LAST_WORDS_ENDPOINT, self._work)

    def _counsel(self, observer: Observer) -> Counsel:
        config = self.config
        return Counsel(
            self.msgbus,
            self.cache,
            observer.look,
            Rules.of(config.costs, config.aggregator, config.limits),
            self._notify,
            self._hearers,
            self._tell,
            ExperimentBook(Path(config.experiments)),
            phraser_of(config.llm),
        )

    def _notify(self, user_id: int, message: Message) -> None:
        for send in sends(user_id, message, self._conversation.voice(user_id)):
            self._outbox.notify(send)

    def _hearers(self) -> Iterable[Hearer]:
        for user_id in self._users:
            language = self._conversation.voice(user_id).language
            yield Hearer.kept(user_id, language, self._store.settings(user_id).choices)

    async def _until_stopped(self) -> None:
        """Send and listen until the node stops, and then say what is still to be said."""
        sending = self._loop.create_task(self._alive(self._outbox.run))
        try:
            await self._alive(self._listen)
        finally:
            try:
                await self._outbox.drain(CLOSE_S_MAX)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
                await self._client.close()

    async def _alive(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` for ever; an error in it is logged, and it begins again."""
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the bot's edge: nothing in it may end the node
                # Without a traceback, which may hold what a person wrote, or an address with the token.
                self.log.error(f"the bot begins again: {type(error).__name__}")  # noqa: TRY400 - no traceback, as above
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        async for incoming in self._client.updates():
            self._hear(incoming)

    def _hear(self, incoming: Incoming) -> None:
        """Let it in or not, in the order in which it came; an emergency stop overtakes all that is being answered."""
        role = self._authority.admit(incoming, time.time())
        if isinstance(role, Refusal):
            self._refuse(incoming, role)
            return
        halts = incoming.command == EMERGENCY_STOP and role >= Role.TRADER
        answer = self._halt if halts else self._answer
        self._background.begin(answer(incoming, role), at_once=True)  # a stop is there before the next order

    async def _halt(self, incoming: Incoming, role: Role) -> None:
        """Halt at once. While the first of a person's stops is being answered, the next ones only halt."""
        if incoming.user_id in self._stopping:
            with suppress(KillSwitchError):  # which the first one tells
                self._desk.engage(State.HALTED, STOPPED, f"telegram:{incoming.user_id}")
            return
        self._stopping.add(incoming.user_id)
        try:
            await self._answer(incoming, role)
        finally:
            self._stopping.discard(incoming.user_id)

    def _turn(self, incoming: Incoming) -> AbstractAsyncContextManager[None]:
        """Return what a message waits for: those of the same person before it, but a stop for nothing."""
        if incoming.command == EMERGENCY_STOP:
            return nullcontext()
        return self._turns.setdefault(incoming.user_id, asyncio.Lock())

    def _refuse(self, incoming: Incoming, refusal: Refusal) -> None:
        known = self._authority.role(incoming.user_id) is not None
        if known:
            self._outbox.answer(*self._conversation.taken_away(incoming, time.time_ns()))
        if self._refusals.is_news(incoming, refusal, time.monotonic(), known=known):
            self.log.warning(f"Telegram user {incoming.user_id} was not heard: {refusal}")
            if known:
                self._outbox.answer(*self._conversation.refused(incoming, refusal))
        if incoming.tap_id and known:
            self._outbox.answer(TapHeard(incoming.tap_id))

    async def _answer(self, incoming: Incoming, role: Role) -> None:
        try:
            async with self._turn(incoming):
                self._outbox.answer(*await self._conversation.hear(incoming, role, time.time_ns()))
            await self._save()
        except Exception as error:  # noqa: BLE001 - the bot's edge: one message must not end the node
            self.log.error(f"a message of {incoming.user_id} failed: {type(error).__name__}")  # noqa: TRY400 - as above
            voice = self._conversation.voice(incoming.user_id)
            text = voice.page(voice.say("form.defect", kind=voice.fixed(type(error).__name__)))
            self._outbox.answer(Send(chat_id=incoming.user_id, text=text, critical=True))

    async def _save(self) -> None:
        """Put on the disk what was heard and chosen; a disk that refuses is no reason not to answer."""
        try:
            async with self._saving:
                await asyncio.to_thread(self._store.write, self._store.snapshot(self._authority.seen))
        except OSError as error:
            self.log.warning(f"what the bot must not forget is not on the disk: {error.strerror or error}")

    def _dropped(self, chat_id: int, count: int) -> str:
        voice = self._conversation.voice(chat_id)
        return voice.page(voice.say("form.dropped", n=voice.number(count, 0)))

    def _tell(self, line: str) -> None:
        self.log.warning(line)
