"""A strategy that does a bit of everything, decided by the bars alone, and its run on the paper venue.

python -m tests.support.paper_script CATALOG STATE LATENCY_MS prints what it heard.
"""

import json
import sys
from pathlib import Path
from typing import Any

from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from adapters.paper.config import PaperExecClientConfig
from catalog.sample import ensure_sample
from catalog.store import read_bars
from tests.support.engine import BTC
from tests.support.paper_node import play

COUNT = 400
BALANCE = 10_000_000.0
BAR_TYPE = BarType.from_str(f"{BTC}-5-MINUTE-LAST-EXTERNAL")


def number(client_order_id: Any) -> int:
    """Return the last part of an order's id: what comes before it is the time of day."""
    return int(client_order_id.value.rsplit("-", 1)[-1])


class Script(Strategy):
    """Does a bit of everything, decided by the bars alone."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id="script", order_id_tag="001", oms_type="HEDGING"))
        self.fills: list[tuple[Any, ...]] = []
        self.others: list[tuple[int, str]] = []
        self.turn = 0

    def on_start(self) -> None:
        self.instrument = self.cache.instrument(BAR_TYPE.instrument_id)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        self.turn += 1
        close, turn = bar.close.as_double(), self.turn
        side = OrderSide.BUY if turn % 2 else OrderSide.SELL
        sign = 1 if side == OrderSide.BUY else -1
        size = self.instrument.make_qty(0.05 + turn % 7)
        if turn % 11 == 1:
            self.submit_order_list(
                self.order_factory.bracket(
                    self.instrument.id, side, size, tp_post_only=False, entry_tags=[f"{turn}"],
                    tp_price=self.price(close * (1 + sign * 0.003)),
                    sl_trigger_price=self.price(close * (1 - sign * 0.002)),
                )
            )  # fmt: skip
        if turn % 13 == 2:
            self.submit_order(
                self.order_factory.limit(self.instrument.id, side, size, self.price(close * (1 - sign * 0.001)))
            )
        if turn % 17 == 3:
            for order in self.open()[:2]:
                self.cancel_order(order)
        if turn % 19 == 4:
            for order in self.open():
                if order.has_trigger_price and order.position_id is not None:
                    self.modify_order(
                        order, trigger_price=self.price(order.trigger_price.as_double() * (1 - sign * 1e-4))
                    )
        if turn % 23 == 5:
            for position in sorted(self.cache.positions_open(strategy_id=self.id), key=lambda held: held.id.value)[:1]:
                self.close_position(position)

    def open(self) -> list[Any]:
        return sorted(self.cache.orders_open(strategy_id=self.id), key=lambda order: number(order.client_order_id))

    def on_stop(self) -> None:
        self.balance = str(self.portfolio.account(self.instrument.id.venue).balance_total())

    def price(self, value: float) -> Price:
        return self.instrument.make_price(value)

    def on_order_event(self, event: Any) -> None:
        order = self.cache.order(event.client_order_id)
        name = number(event.client_order_id)
        if isinstance(event, OrderFilled):
            self.fills.append(
                (name, order.type_string(), event.order_side, str(event.last_qty), str(event.last_px),
                 str(event.commission), event.liquidity_side, event.position_id.value, event.ts_event)
            )  # fmt: skip
        elif not type(event).__name__.startswith(("OrderInit", "OrderSubmitted", "OrderPending")):
            self.others.append((name, type(event).__name__))


def real_bars(folder: Path) -> list[Bar]:
    ensure_sample(folder, [BTC], texts=False)
    found = read_bars(folder, BTC, "5-MINUTE-LAST")
    rows = zip(found.open, found.high, found.low, found.close, found.volume, found.ts, strict=True)
    return [
        Bar(BAR_TYPE, *(Price(value, 2) for value in prices), Quantity(volume, 5), int(ts), int(ts))
        for *prices, volume, ts in list(rows)[:COUNT]
    ]


def main(catalog: Path, state: str, latency_ms: float) -> None:
    played = Script()
    paper = PaperExecClientConfig(
        venue="BINANCE", instruments=[BTC], starting_balance=BALANCE, latency_ms=latency_ms, hears="ahead",
        time="data", state=state, survives_power_loss=False,
    )  # fmt: skip
    play(played, real_bars(catalog), paper)
    print(json.dumps({"fills": played.fills, "others": played.others, "balance": played.balance}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
