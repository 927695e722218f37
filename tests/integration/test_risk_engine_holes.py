"""What NautilusTrader's own RiskEngine lets through, run without the guard, and that the guard lets none of it through.

Each test runs twice. Without the guard it shows the hole in 1.231, so that it fails once Nautilus closes it; with the
guard it shows that the order never reaches the venue, or the way out is open.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import BacktestEngineConfig, ImportableControllerConfig, LoggingConfig, RiskEngineConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide, TradingState, TriggerType
from nautilus_trader.model.objects import Money

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.engine import BTC, START, VENUE, bars, trades
from tests.support.latch import forget, put
from tests.support.scripted import INSTRUMENT, Scripted

FLAT = [40_000.0] * 12
WIDE = LimitConfig(max_symbol_exposure_pct=900.0, max_exposure_pct=900.0, max_net_exposure_pct=900.0)


class Played:
    """A run with or without the guard; Nautilus's engine alone gets the like of what the guard is told."""

    def __init__(
        self,
        folder: Path,
        script: dict[int, Callable[[Scripted, "Played"], None]],
        *,
        guarded: bool,
        ticks: list[float] | None = None,
        state: State = State.RUNNING,
        limits: LimitConfig = WIDE,
        max_notional: int | None = None,
        end_s: int = 0,
        oms: OmsType = OmsType.NETTING,
    ) -> None:
        put(folder / "latch.json", state, ts=START, sequence=1)
        forget(folder)
        self.latch = Latch(folder / "latch.json")
        self.guarded = guarded
        guard = ImportableControllerConfig(
            controller_path="sagetrade_nautilus.guard.controller:Guard",
            config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
            config={
                "limits": limits,
                "journal": str(folder / "decisions.jsonl"),
                "latch": str(self.latch.path),
            },
        )
        self.engine = BacktestEngine(
            BacktestEngineConfig(
                logging=LoggingConfig(bypass_logging=True),
                controller=guard if guarded else None,
                risk_engine=RiskEngineConfig(max_notional_per_order={BTC: max_notional} if max_notional else {}),
                run_analysis=False,
            )
        )
        self.engine.add_venue(VENUE, oms, AccountType.MARGIN, [Money(100_000, USDT)], USDT)
        self.engine.add_instrument(instrument_for(BTC))
        self.engine.add_data(trades(ticks) if ticks else bars(FLAT))
        strategy = Scripted({step: lambda s, act=act: act(s, self) for step, act in script.items()})  # type: ignore[misc]
        self.engine.add_strategy(strategy)
        self.engine.run(end=START + end_s * 1_000_000_000 if end_s else None)
        self.held = sum(position.signed_qty for position in self.engine.cache.positions_open())
        self.engine.dispose()

    def stop(self, state: State, nautilus: TradingState, *, flatten: bool = False) -> None:
        """Stop as the user would: the guard by its kill switch, Nautilus alone by its trading state."""
        if self.guarded:
            self.latch.engage(state, "a drill", "test", START, flatten=flatten)
        else:
            self.engine.kernel.risk_engine.set_trading_state(nautilus)


def _buy(strategy: Scripted, played: Played) -> None:
    strategy.market(0.1)


@pytest.mark.parametrize(("guarded", "held"), [(False, 0.1), (True, 0.0)])
def test_a_halt_stops_a_stop_that_waits_in_the_emulator(tmp_path: Path, guarded: bool, held: float) -> None:
    def emulate(strategy: Scripted, played: Played) -> None:
        make, price = strategy.order_factory, strategy.price(40_100.0)
        order = make.stop_market(
            INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), price, emulation_trigger=TriggerType.LAST_PRICE
        )
        strategy.submit_order(order)

    def halt(strategy: Scripted, played: Played) -> None:
        played.stop(State.HALTED, TradingState.HALTED)

    ticks = [40_000.0] * 6 + [40_200.0] * 6
    assert Played(tmp_path, {2: emulate, 4: halt}, guarded=guarded, ticks=ticks).held == pytest.approx(held)


@pytest.mark.parametrize(("guarded", "held"), [(False, 0.1), (True, 0.0)])
def test_what_is_open_can_be_closed_after_a_stop(tmp_path: Path, guarded: bool, held: float) -> None:
    def close(strategy: Scripted, played: Played) -> None:
        played.stop(State.HALTED, TradingState.HALTED, flatten=True)
        strategy.close_position(strategy.cache.positions_open()[0])

    assert Played(tmp_path, {2: _buy, 4: close}, guarded=guarded).held == pytest.approx(held)


@pytest.mark.parametrize(("guarded", "held"), [(False, -0.2), (True, 0.1)])
def test_a_larger_sale_does_not_turn_a_long_round_while_only_reducing(
    tmp_path: Path, guarded: bool, held: float
) -> None:
    def sell(strategy: Scripted, played: Played) -> None:
        played.stop(State.REDUCE_ONLY, TradingState.REDUCING)
        strategy.market(0.3, OrderSide.SELL)

    assert Played(tmp_path, {2: _buy, 4: sell}, guarded=guarded).held == pytest.approx(held)


@pytest.mark.parametrize(("guarded", "held"), [(False, 0.1), (True, 0.0)])
def test_nothing_is_bought_while_only_reducing_and_flat(tmp_path: Path, guarded: bool, held: float) -> None:
    def buy(strategy: Scripted, played: Played) -> None:
        played.stop(State.REDUCE_ONLY, TradingState.REDUCING)
        strategy.market(0.1)

    assert Played(tmp_path, {3: buy}, guarded=guarded).held == pytest.approx(held)


@pytest.mark.parametrize(("guarded", "held"), [(False, 0.1), (True, 0.0)])
def test_the_largest_notional_holds_on_margin_too(tmp_path: Path, guarded: bool, held: float) -> None:
    limits = LimitConfig(max_order_notional=1_000.0)
    played = Played(tmp_path, {2: _buy}, guarded=guarded, limits=limits, max_notional=1_000)
    assert played.held == pytest.approx(held)


@pytest.mark.parametrize(("guarded", "held"), [(False, 0.1), (True, 0.0)])
def test_nothing_is_bought_an_hour_after_the_last_price(tmp_path: Path, guarded: bool, held: float) -> None:
    def later(strategy: Scripted, played: Played) -> None:
        due = strategy.clock.timestamp_ns() + 3_600 * 1_000_000_000
        strategy.clock.set_time_alert_ns("later", due, lambda event: strategy.market(0.1))

    assert Played(tmp_path, {12: later}, guarded=guarded, end_s=8_000).held == pytest.approx(held)


@pytest.mark.parametrize(("guarded", "held"), [(False, 0.1), (True, 0.0)])
def test_an_engine_that_is_started_anew_is_still_halted(tmp_path: Path, guarded: bool, held: float) -> None:
    def halt(strategy: Scripted, played: Played) -> None:
        played.stop(State.HALTED, TradingState.HALTED)

    first = Played(tmp_path, {2: halt, 4: _buy}, guarded=guarded)
    assert first.held == 0.0
    said = first.latch.read().state
    (tmp_path / "decisions.jsonl").unlink(missing_ok=True)
    (tmp_path / "decisions.head").unlink(missing_ok=True)
    assert Played(tmp_path, {4: _buy}, guarded=guarded, state=said).held == pytest.approx(held)
