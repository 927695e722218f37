"""What the guard takes the account to be worth, bar by bar, against a plain sum over Nautilus's books."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import LimitConfig
from tests.support.engine import BTC, VENUE, bars, engine

NAMES = (BTC, "ETHUSDT.BINANCE")
FIRST = (40_000.0, 3_000.0)
SIZE = (0.1, 1.0)
WIDE = LimitConfig(
    max_symbol_exposure_pct=900.0,
    max_exposure_pct=900.0,
    max_net_exposure_pct=900.0,
    max_cluster_exposure_pct=900.0,
    max_order_notional_pct=900.0,
    max_open_trades=100,
    max_daily_loss_pct=99.0,
    max_day_drop_pct=99.0,
    max_drawdown_pct=99.0,
    max_losses_in_a_row=1_000,
)


class Step(NamedTuple):
    """One bar of both markets: by how many percent each moves, and what is done in which of them."""

    moves: tuple[float, float]
    market: int
    deed: str


MOVES = st.floats(-3.0, 3.0)
STEPS = st.lists(
    st.builds(
        Step,
        st.tuples(MOVES, MOVES),
        st.sampled_from((0, 1)),
        st.sampled_from(("buy", "buy", "sell", "sell", "close", "wait")),
    ),
    min_size=3,
    max_size=25,
)


class Trader(Strategy):
    """Buys, sells short and closes as it is told, and hears each bar once the guard has."""

    def __init__(self, steps: list[Step], hear: Any) -> None:
        super().__init__(StrategyConfig(strategy_id="random", order_id_tag="001", oms_type="HEDGING"))
        self._steps = iter(steps)
        self._hear = hear

    def on_start(self) -> None:
        self.msgbus.subscribe("data.bars.*", self._hear)
        self.subscribe_bars(BarType.from_str(f"{NAMES[1]}-5-MINUTE-LAST-EXTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        step = next(self._steps)
        instrument = self.cache.instrument(InstrumentId.from_str(NAMES[step.market]))
        if step.deed == "close":
            for position in self.cache.positions_open(instrument_id=instrument.id)[:1]:
                self.close_position(position)
        elif step.deed != "wait":
            side = OrderSide.BUY if step.deed == "buy" else OrderSide.SELL
            self.submit_order(self.order_factory.market(instrument.id, side, instrument.make_qty(SIZE[step.market])))


def _closes(steps: list[Step], market: int) -> list[float]:
    closes = [FIRST[market]]
    for step in steps[1:]:
        closes.append(round(closes[-1] * (1.0 + step.moves[market] / 100.0), 2))
    return closes


@settings(max_examples=15, deadline=None)
@given(STEPS, st.sampled_from((AccountType.MARGIN, AccountType.CASH)))
def test_at_every_bar_with_a_position_the_guard_knows_what_the_account_is_worth(
    steps: list[Step], account: AccountType
) -> None:
    with TemporaryDirectory() as folder:
        made = engine(Path(folder), limits=WIDE, account=account, instruments=NAMES)
        last: dict[InstrumentId, float] = {}
        compared: list[bool] = []

        def hear(bar: Bar) -> None:
            last[bar.bar_type.instrument_id] = bar.close.as_double()
            held = made.cache.positions_open()
            if not held:
                return
            if account is AccountType.CASH:
                coins = {made.cache.instrument(name).base_currency: price for name, price in last.items()}
                totals = made.cache.account_for_venue(VENUE).balances_total().items()
                worth = sum(total.as_double() * coins.get(coin, 1.0) for coin, total in totals)
            else:
                worth = made.cache.account_for_venue(VENUE).balance_total(USDT).as_double()
                worth += sum((last[one.instrument_id] - one.avg_px_open) * one.signed_qty for one in held)
            seen = made.kernel._controller._circuit.memory.equity
            compared.append(abs(seen - worth) < 1e-6)

        for market, name in enumerate(NAMES):
            made.add_data(bars(_closes(steps, market), name))
        made.add_strategy(Trader(steps, hear))
        made.run()
        entered = any(step.deed == "buy" for step in steps[:-1])
        made.dispose()
        assert all(compared)
        assert compared or not entered
