"""What an account is worth, against Nautilus's own books, in cash and on margin."""

from pathlib import Path

import pytest
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.account import equity, last_price
from sagetrade_nautilus.config import LimitConfig
from tests.integration.test_gate_in_engine import Scripted
from tests.support.engine import BTC, VENUE, bars, engine

CLOSES = [40_000.0] * 4 + [42_000.0] * 4
WIDE = LimitConfig(max_symbol_exposure_pct=1000.0, max_exposure_pct=1000.0, max_daily_loss_pct=99.0)


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
    assert equity(made.cache, VENUE, USDT) == pytest.approx(worth, abs=0.01)
    made.dispose()


def test_equity_is_unknown_before_there_is_an_account(tmp_path: Path) -> None:
    made = engine(tmp_path)
    unknown = equity(made.cache, VENUE, USDT)
    assert unknown != unknown  # noqa: PLR0124 - NaN
    made.dispose()


def test_the_last_price_is_the_last_close(tmp_path: Path) -> None:
    made = engine(tmp_path)
    assert last_price(made.cache, InstrumentId.from_str(BTC)) is None
    made.add_data(bars(CLOSES))
    made.add_strategy(Scripted({}))
    made.run()
    assert last_price(made.cache, InstrumentId.from_str(BTC)) == 42_000.0
    made.dispose()
