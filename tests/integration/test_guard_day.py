"""The guard's day: when its loss is noticed, latched, told and released, and what counts as open."""

from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import AccountType, OrderSide

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord, StateRecord
from sagetrade_nautilus.messages import RISK_BUDGET_TOPIC
from tests.support.engine import bars, engine
from tests.support.scripted import INSTRUMENT, LOSABLE, TIGHT, Script, Scripted, buy, closing, rest, resting_exit

FALLEN = [40_000.0] * 4 + [36_000.0] * 2
RISEN = [40_000.0] * 300


class Day:
    """A run, with what the guard told and wrote."""

    def __init__(
        self, folder: Path, script: Script, closes: list[float], limits: LimitConfig = LOSABLE, **settings: Any
    ) -> None:
        made = engine(folder, limits=limits, **settings)
        made.add_data(bars(closes))
        self.budgets: list[float] = []
        made.kernel.msgbus.subscribe(RISK_BUDGET_TOPIC, self.budgets.append)
        made.add_strategy(Scripted(script))
        made.run()
        made.dispose()
        lines = read(folder / "decisions.jsonl")
        self.states = [line.state for line in lines if isinstance(line, StateRecord)]
        self.denials = [line.reason.split(":")[0] for line in lines if isinstance(line, DenialRecord)]


def _steps(budgets: list[float]) -> list[float]:
    """Return the budgets that differ from the one before."""
    return [budget for budget, before in zip(budgets, [None, *budgets], strict=False) if budget != before]


def test_a_lost_day_is_written_down_once_and_released_once(tmp_path: Path) -> None:
    script = {2: buy(2.0), 6: buy(0.01), 8: buy(0.01), 300: buy(0.01)}
    day = Day(tmp_path, script, [*FALLEN, *RISEN])
    assert day.states == ["released", "released"]
    assert day.denials == ["circuit_breaker"] * 2


def test_a_day_that_is_not_lost_is_not_written_down(tmp_path: Path) -> None:
    day = Day(tmp_path, {2: buy(0.1), 6: buy(0.01), 300: buy(0.02)}, [*FALLEN, *RISEN])
    assert day.states == []
    assert day.denials == []


def test_the_worst_of_a_day_is_forgotten_with_it(tmp_path: Path) -> None:
    day = Day(tmp_path, {2: buy(2.0), 6: buy(0.01), 300: buy(0.01)}, [*FALLEN, *RISEN])
    assert day.denials == ["circuit_breaker"]


def test_a_loss_right_at_the_limit_is_latched(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [37_000.0] * 2 + [40_000.0] * 6
    day = Day(tmp_path, {2: buy(1.0), 5: closing(0.1), 10: buy(0.01)}, closes)
    assert day.denials == ["circuit_breaker"]


def test_what_is_left_to_lose_is_told_at_the_start_and_when_a_position_shrinks(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [38_500.0] * 2 + [36_000.0] * 6
    day = Day(tmp_path, {2: buy(1.0), 5: closing(0.1), 9: closing(0.1)}, closes)
    assert _steps(day.budgets) == pytest.approx([1.0, 0.5, 0.0])


def test_a_new_day_has_all_of_its_budget(tmp_path: Path) -> None:
    day = Day(tmp_path, {2: buy(1.0), 5: closing(0.1)}, [*FALLEN, *RISEN])
    assert _steps(day.budgets) == pytest.approx([1.0, 0.0, 1.0])


def test_an_exit_at_rest_is_no_exposure(tmp_path: Path) -> None:
    day = Day(tmp_path, {2: buy(0.2), 4: resting_exit(), 6: buy(0.04)}, [40_000.0] * 12, TIGHT)
    assert day.denials == []


def test_an_entry_at_rest_is_a_trade(tmp_path: Path) -> None:
    one = LimitConfig(max_open_trades=1, price_collar_pct=90.0)
    day = Day(tmp_path, {2: rest(0.1), 4: buy(0.1)}, [40_000.0] * 12, one)
    assert day.denials == ["max_open_trades"]


@pytest.mark.parametrize(("account", "denials"), [(AccountType.CASH, ["no_short_sale"]), (AccountType.MARGIN, [])])
def test_a_cash_account_cannot_sell_what_it_has_not(tmp_path: Path, account: AccountType, denials: list[str]) -> None:
    def sell(strategy: Scripted) -> None:
        strategy.submit_order(
            strategy.order_factory.limit(INSTRUMENT, OrderSide.SELL, strategy.qty(0.1), strategy.price(41_000.0))
        )

    assert Day(tmp_path, {2: sell}, [40_000.0] * 12, LimitConfig(), account=account).denials == denials
