"""The bot in the node: a Nautilus actor whose work runs as tasks on the node's own event loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from math import floor
from pathlib import Path
from typing import Any, Final

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig

from sagetrade_nautilus.bot.authority import EMERGENCY_STOP, Authority, Refusal, Role
from sagetrade_nautilus.bot.client import Client
from sagetrade_nautilus.bot.conversation import Conversation
from sagetrade_nautilus.bot.desk import Answerer, Desk, ExperimentBook
from sagetrade_nautilus.bot.outbox import Outbox
from sagetrade_nautilus.bot.refusals import Refusals
from sagetrade_nautilus.bot.store import Store
from sagetrade_nautilus.bot.wire import Heard, Incoming, Send
from sagetrade_nautilus.config import BotConfig, LimitConfig
from sagetrade_nautilus.overview import Observer
from sagetrade_nautilus.run.bot import TOKEN
from sagetrade_nautilus.secrets import read_secret

CLOSE_S_MAX: Final = 1.0
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
    """

    bot: BotConfig = BotConfig()
    limits: LimitConfig = LimitConfig()
    state: str = "state"


class TelegramActor(Actor):
    """Hears people and answers them; whatever fails in here is logged, and trading goes on.

    Parameters
    ----------
    config : TelegramActorConfig
        The settings.
    answerer : Answerer, optional
        Answers what is no command.
    experiments : ExperimentBook, optional
        Where experiments are known.

    Attributes
    ----------
    outbox : Outbox
        Where notices go, once it has started.
    """

    outbox: Outbox

    def __init__(
        self,
        config: TelegramActorConfig,
        answerer: Answerer | None = None,
        experiments: ExperimentBook | None = None,
    ) -> None:
        super().__init__(config)
        self._answerer = answerer
        self._experiments = experiments
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: dict[int, asyncio.Lock] = {}

    def on_start(self) -> None:
        bot, folder = self.config.bot, Path(self.config.state)
        observer = Observer(self.msgbus, self.cache, self.clock)
        self._desk = Desk(observer.look, self.msgbus.publish, self.config.limits, self._experiments)
        self._store = Store(folder)
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
        self._conversation = Conversation(bot, self._desk, self._store, folder, self._answerer)
        self._client = Client(read_secret(TOKEN), bot.base_url, self._tell)
        self.outbox = Outbox(self._client.deliver, bot.outbox_max, self._tell, self._dropped)
        self._desk.waiting = self.outbox.__len__
        for user_id, role in self._users.items():
            self.outbox.answer(self._conversation.menu(user_id, role))
        self._loop = asyncio.get_running_loop()
        self._work = self._loop.create_task(self._until_stopped())

    def on_stop(self) -> None:
        self._work.cancel()

    async def _until_stopped(self) -> None:
        """Send and listen until the node stops, and then say what is still to be said."""
        sending = self._loop.create_task(self._alive(self.outbox.run))
        try:
            await self._alive(self._listen)
        finally:
            try:
                await self.outbox.drain(CLOSE_S_MAX)
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
                self.log.error(f"the bot failed and begins again: {type(error).__name__}")  # noqa: TRY400 - no traceback, as above
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
        self._spawn(self._answer(incoming, role))

    def _refuse(self, incoming: Incoming, refusal: Refusal) -> None:
        known = self._authority.role(incoming.user_id) is not None
        if self._refusals.is_news(incoming, refusal, time.monotonic(), known=known):
            self.log.warning(f"Telegram user {incoming.user_id} was not heard: {refusal}")
            if known:
                self.outbox.answer(*self._conversation.refused(incoming, refusal))
        if incoming.tap_id and known:
            self.outbox.answer(Heard(incoming.tap_id))

    async def _answer(self, incoming: Incoming, role: Role) -> None:
        try:
            if incoming.command == EMERGENCY_STOP:
                sent = await self._conversation.hear(incoming, role, time.time_ns())
            else:
                async with self._turns.setdefault(incoming.user_id, asyncio.Lock()):
                    sent = await self._conversation.hear(incoming, role, time.time_ns())
            self.outbox.answer(*sent)
            await self._save()
        except Exception as error:  # noqa: BLE001 - the bot's edge: one message must not end the node
            self.log.error(f"a message of {incoming.user_id} failed: {type(error).__name__}")  # noqa: TRY400 - as above
            voice = self._conversation.voice(incoming.user_id)
            text = voice.page(voice.say("form.defect", kind=voice.fixed(type(error).__name__)))
            self.outbox.answer(Send(chat_id=incoming.user_id, text=text, critical=True))

    async def _save(self) -> None:
        """Put on the disk what was heard and chosen; a disk that refuses is no reason not to answer."""
        try:
            await asyncio.to_thread(self._store.save, self._authority.seen)
        except OSError as error:
            self.log.warning(f"what the bot must not forget is not on the disk: {error.strerror or error}")

    def _dropped(self, chat_id: int, count: int) -> str:
        voice = self._conversation.voice(chat_id)
        return voice.page(voice.say("form.dropped", n=voice.number(count, 0)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # Begun at once, not after what is ready on the loop: a stop is there before the next order.
        task = asyncio.Task(work, loop=self._loop, eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, line: str) -> None:
        self.log.warning(line)
