"""What the traders of tests/support/live.py do: each function prepares a node.

python -m tests.support.live_scenarios FOLDER SCENARIO FSYNC
"""

import os
import sys
from pathlib import Path

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide, TriggerType
from nautilus_trader.model.identifiers import ExecAlgorithmId
from nautilus_trader.model.objects import Price

from sagetrade_nautilus.bot.whole import WholeBot, WholeBotConfig
from sagetrade_nautilus.config import BotConfig
from tests.support.live import Slicer, Trader, build
from tests.support.recording_venue import BTC, PRICE, RecordingVenue

BUY, SELL = OrderSide.BUY, OrderSide.SELL
FAR = PRICE / 2
RESTING = 100


def idle(node: TradingNode) -> None:
    """Nothing happens."""


def flood(node: TradingNode) -> None:
    """A hundred orders that rest, put there again when they are gone, and a market order every 10 ms, to and fro."""

    def act(trader: Trader, turn: int) -> None:
        resting = trader.cache.orders_open_count() + trader.cache.orders_inflight_count()
        if resting < 50:  # the first one tries whether any may leave
            for number in range(RESTING if resting else 1):
                trader.limit(0.001, FAR - number, "resting")
        trader.market(0.001, BUY if turn % 2 else SELL, "flood")

    node.trader.add_strategy(Trader(act, 0.01))


def spoken(node: TradingNode) -> None:
    """The same, with the whole Telegram bot at the Bot API that TELEGRAM_URL names; it needs no code to pause."""
    bot = BotConfig(
        enabled=True,
        users={"11": "viewer", "33": "owner"},
        auto_approve=["pause"],
        messages_per_minute=1_000_000,
        code_life_s=10.0,
        base_url=os.environ["TELEGRAM_URL"],
    )
    folder = sys.argv[1]
    node.trader.add_actor(WholeBot(WholeBotConfig(bot=bot, state=folder, experiments=f"{folder}/experiments")))
    flood(node)


def paths(node: TradingNode) -> None:
    """Every way to the venue, again and again, whatever the kill switch says."""

    def act(trader: Trader, turn: int) -> None:
        factory, kept = trader.order_factory, trader.__dict__
        if "exit" not in kept:
            trader.market(1.0, BUY, "direct")
            kept["exit"] = trader.limit(0.5, PRICE * 1.5, "exit", SELL, reduce_only=True) if turn > 5 else None
            _emulated(trader, PRICE * 1.1, "held")
            if kept["exit"] is None:
                del kept["exit"]
            return
        trader.market(0.001, BUY, "direct")
        trader.limit(0.001, FAR, "resting")
        pair = [factory.limit(BTC, BUY, trader.qty(0.001), Price(FAR, 2), tags=["list", "list"]) for _ in range(2)]
        trader.submit_order_list(factory.create_list(pair))
        trader.submit_order_list(
            factory.bracket(
                BTC, BUY, trader.qty(0.001), tp_price=Price(PRICE * 1.2, 2), sl_trigger_price=Price(PRICE * 0.8, 2),
                entry_tags=["bracket", "entry"], tp_tags=["bracket", "tp"], sl_tags=["bracket", "sl"],
            )
        )  # fmt: skip
        _emulated(trader, PRICE * 0.99, "emulated")
        trader.market(0.01, BUY, "algorithm", exec_algorithm_id=ExecAlgorithmId("SLICER"))
        order = kept["exit"]
        if order.is_open:
            trader.modify_order(order, quantity=trader.qty(0.3 + 0.001 * (turn % 100)))

    def leave(trader: Trader, turn: int) -> None:
        trader.market(0.01, BUY, "before an exit")
        if turn % 20 == 0 and not trader.is_exiting():
            trader.market_exit()

    node.trader.add_exec_algorithm(Slicer())
    node.trader.add_strategy(Trader(act, 0.05))
    node.trader.add_strategy(Trader(leave, 0.05, "002"))


def _emulated(trader: Trader, trigger: float, name: str) -> None:
    trader.submit_order(
        trader.order_factory.stop_market(
            BTC, BUY, trader.qty(0.001), Price(trigger, 2), emulation_trigger=TriggerType.LAST_PRICE, tags=[name, name]
        )
    )


def holding(node: TradingNode) -> None:
    """A long position with its stop and target; entries that rest on both sides, and one that is emulated."""

    def act(trader: Trader, turn: int) -> None:
        if turn > 40:  # a strategy that wants back in all the time
            trader.market(0.05, BUY, "again")
        if trader.__dict__.setdefault("begun", False):
            return
        trader.__dict__["begun"] = True
        trader.submit_order_list(
            trader.order_factory.bracket(
                BTC, BUY, trader.qty(0.9), tp_price=Price(PRICE * 1.2, 2), sl_trigger_price=Price(PRICE * 0.8, 2),
                entry_tags=["bracket", "entry"], tp_tags=["bracket", "tp"], sl_tags=["bracket", "sl"],
            )
        )  # fmt: skip
        trader.limit(0.4, FAR, "resting")
        trader.limit(0.3, PRICE * 1.4, "counter", SELL)
        _emulated(trader, PRICE * 1.1, "emulated")

    node.trader.add_strategy(Trader(act, 0.05))


def racing(node: TradingNode) -> None:
    """The same on a venue that is slow, fills in parts and while a cancel is on its way, and is deaf at first."""
    venue = RecordingVenue
    venue.parts, venue.fill_s, venue.cancel_s, venue.deaf_to_cancels, venue.races = 3, 0.03, 0.05, 2, True
    holding(node)


def inherited(node: TradingNode) -> None:
    """Nothing of its own, but a position and an order at the venue that it must take over."""
    RecordingVenue.holds = ("0.5", "0.25")


def main(folder: Path, scenario: str, fsync: str) -> None:
    node = build(folder, fsync=fsync)
    globals()[scenario](node)
    try:
        node.run()
    finally:
        node.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
