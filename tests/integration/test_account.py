"""What an account is worth, against Nautilus's own books, in cash and on margin."""

from pathlib import Path

import pytest
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType, OrderSide

from sagetrade_nautilus.account import equity
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.prices import Prices
from tests.support.engine import VENUE, bars, engine
from tests.support.scripted import Scripted

CLOSES = [40_000.0] * 4 + [42_000.0] * 4
WIDE = LimitConfig(max_symbol_exposure_pct=1000.0, max_exposure_pct=1000.0, max_daily_loss_pct=99.0)


def _prices(made: BacktestEngine) -> Prices:
    return Prices(made.cache, made.kernel.clock.timestamp_ns())


@pytest.mark.parametrize(
    ("account", "side", "worth"),
    [
        (AccountType.MARGIN, OrderSide.BUY, 100_000.0 + 2_000.0),
        (AccountType.MARGIN, OrderSide.SELL, 100_000.0 - 2_000.0),
        (AccountType.CASH, OrderSide.BUY, 100_000.0 + 2_000.0),
    ],
)
def test_equity_follows_the_price(tmp_path: Path, account: AccountType, side: OrderSide, worth: float) -> None:
    made = engine(tmp_path, account=account, limits=WIDE)
    made.add_data(bars(CLOSES))
    made.add_strategy(Scripted({2: lambda strategy: strategy.market(1.0, side)}))
    made.run()
    assert equity(made.cache, VENUE, USDT, _prices(made)) == pytest.approx(worth, abs=0.01)
    made.dispose()


def test_equity_is_unknown_before_there_is_an_account(tmp_path: Path) -> None:
    made = engine(tmp_path)
    unknown = equity(made.cache, VENUE, USDT, _prices(made))
    assert unknown != unknown  # noqa: PLR0124 - NaN
    made.dispose()
