"""Coins in a real engine: one stop-limit rests, the take-profit is watched, and nothing is sold twice or left bare."""

import random
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderSide

from sagetrade_nautilus.config import ExecutionConfig
from sagetrade_nautilus.execution.commands import cancel_again
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState, Verdict
from sagetrade_nautilus.model.decision import ActionKind, PositionAction
from tests.support.coins import MS, PRICE, Played, bar, flat, play, quote
from tests.support.plugin import decision

MICRO = ExecutionConfig(style="micro", lifetime_s=10.0)
TARGET, TRIGGER, LIMIT = PRICE * 1.02, PRICE * 0.99, PRICE * 0.99 * 0.995


def is_flat(played: Played, plugin: Any) -> bool:
    """Whether nothing is left, nothing was ever on sale that was not held, and no two stops rested at once."""
    nothing = played.open == [] and plugin._trades == {} and played.watched.bare_since is None
    return nothing and played.watched.most_over <= 1e-9 and played.watched.stops_max <= 1


@pytest.mark.parametrize("execution", [ExecutionConfig(), MICRO], ids=["bracket", "micro"])
def test_a_fill_has_one_stop_limit_of_its_size_and_no_other_exit(tmp_path: Path, execution: ExecutionConfig) -> None:
    played, plugin = play(tmp_path, flat(20), execution=execution)
    assert [kind for role, kind, _ in played.kinds] == [
        "MARKET" if execution.style == "bracket" else "LIMIT",
        "STOP_LIMIT",
        "MARKET",
    ]
    assert [role for role, _, _ in played.kinds] == ["entry", "stop_loss", "time_exit"]
    assert played.stops == [(TRIGGER, LIMIT, 0.2, True)]
    assert played.watched.longest_bare_ns <= 100 * MS
    assert is_flat(played, plugin)


def test_a_take_profit_that_a_quote_touches_is_sold_at_the_market_when_the_stop_is_gone(tmp_path: Path) -> None:
    data = [*flat(20), quote(400, TARGET - 1.0), quote(401, TARGET), quote(402, TARGET + 5.0)]
    played, plugin = play(tmp_path, data)
    assert played.kinds[1:] == [("stop_loss", "STOP_LIMIT", "CANCELED"), ("take_profit", "MARKET", "FILLED")]
    assert played.filled["take_profit"] == pytest.approx(TARGET, rel=2e-4)
    assert played.watched.longest_bare_ns <= 200 * MS
    assert is_flat(played, plugin)


def test_a_take_profit_that_a_bar_touches_is_sold_at_its_close(tmp_path: Path) -> None:
    data = [*flat(2), bar(3, PRICE, TARGET + 50.0, PRICE + 700.0), bar(4, PRICE, PRICE + 700.0, PRICE, PRICE + 700.0)]
    played, plugin = play(tmp_path, [*data, *flat(3, 5)])
    assert played.filled["take_profit"] == pytest.approx(PRICE + 700.0, rel=2e-4)
    assert is_flat(played, plugin)


def test_a_stop_that_is_reached_sells_within_its_limit(tmp_path: Path) -> None:
    data = [*flat(2), bar(3, TRIGGER - 20.0, PRICE, TRIGGER - 20.0), *flat(3, 4)]
    played, plugin = play(tmp_path, data)
    assert played.filled["stop_loss"] >= LIMIT
    assert "stop_loss" in played.filled
    assert [role for role, _, _ in played.kinds] == ["entry", "stop_loss"]
    assert is_flat(played, plugin)


@pytest.mark.parametrize("by", ["quote", "bar"])
def test_a_price_that_leaps_over_the_limit_has_the_position_sold_at_the_market(tmp_path: Path, by: str) -> None:
    deep = PRICE * 0.95
    data: list[Any] = [*flat(2), *(bar(number, deep, deep, deep, deep) for number in range(3, 6))]
    if by == "quote":
        data += [quote(700, deep), quote(701, deep)]
    played, plugin = play(tmp_path, data)
    stop, close = played.kinds[1:]
    assert stop[2] == "CANCELED"
    assert close == ("stop_loss", "MARKET", "FILLED")
    assert played.filled["stop_loss"] == pytest.approx(deep, rel=5e-4)
    assert is_flat(played, plugin)


def test_nobody_sells_coins_short(tmp_path: Path) -> None:
    played, plugin = play(tmp_path, flat(5), scores={1: -0.8})
    assert played.kinds == []
    (record,) = played.decisions
    assert record.verdict is Verdict.REFUSED_SHORT
    assert "coins are not lent" in record.why
    assert is_flat(played, plugin)


def test_a_stop_that_somebody_cancels_is_sent_again_and_one_that_is_cancelled_for_ever_has_the_position_closed(
    tmp_path: Path,
) -> None:
    def cancel(made: Any) -> None:
        for stop in made.cache.orders_open(side=OrderSide.SELL):
            cancel_again(made.kernel.msgbus, made.kernel.clock, stop)

    played, plugin = play(tmp_path / "once", flat(20), at={400.0: cancel})
    assert played.count["stop_loss"] == 2
    assert "time_exit" in played.filled
    assert is_flat(played, plugin)
    played, plugin = play(tmp_path / "ever", flat(20), at={400.0 + number: cancel for number in range(15)})
    assert played.count["stop_loss"] == 4
    assert "unprotected" in played.filled
    assert is_flat(played, plugin)


def test_a_stop_that_is_lost_while_trading_is_halted_is_sent_when_it_is_not_any_more(tmp_path: Path) -> None:
    def tell(locked: bool) -> Any:
        return lambda made: made.kernel.msgbus.publish(TRADING_STATE_TOPIC, TradingState("halted", locked, "a test"))

    def cancel(made: Any) -> None:
        (stop,) = made.cache.orders_open(side=OrderSide.SELL)
        cancel_again(made.kernel.msgbus, made.kernel.clock, stop)

    rest: list[int] = []

    def count(made: Any) -> None:
        rest.append(made.cache.orders_open_count(side=OrderSide.SELL))

    at = {400.0: tell(True), 401.0: cancel, 410.0: count, 411.0: tell(False), 420.0: count}
    played, plugin = play(tmp_path, [*flat(20), *(quote(400.5 + number, PRICE) for number in range(30))], at=at)
    assert rest == [0, 1]
    assert played.count["stop_loss"] == 2
    assert is_flat(played, plugin)


def test_a_moved_stop_takes_its_limit_along(tmp_path: Path) -> None:
    def manage(state: Any) -> list[PositionAction]:
        held = state.positions[0]
        return [
            PositionAction(trade_id=held.trade_id, kind=ActionKind.MOVE_STOP, reason="nearer", stop_price=PRICE * 0.995)
        ]

    played, plugin = play(tmp_path, flat(20), manage=manage)
    assert played.stops == [(PRICE * 0.995, PRICE * 0.995 * 0.995, 0.2, True)]
    assert plugin._trades == {}


def test_a_moved_stop_that_is_lost_is_sent_again_where_it_was(tmp_path: Path) -> None:
    def manage(state: Any) -> list[PositionAction]:
        held = state.positions[0]
        return [PositionAction(trade_id=held.trade_id, kind=ActionKind.MOVE_STOP, reason="nearer", stop_price=49_750.0)]

    def cancel(made: Any) -> None:
        (stop,) = made.cache.orders_open(side=OrderSide.SELL)
        cancel_again(made.kernel.msgbus, made.kernel.clock, stop)

    played, plugin = play(tmp_path, flat(20), manage=manage, at={700.0: cancel})
    assert [trigger for trigger, _, _, _ in played.stops] == [49_750.0, 49_750.0]
    assert is_flat(played, plugin)


def test_a_stop_that_fills_while_it_is_being_cancelled_leaves_nothing_to_sell(tmp_path: Path) -> None:
    """The take-profit is touched; before the cancel arrives the price has fallen through the trigger."""
    data = [*flat(20), quote(400, TARGET), quote(400.02, TRIGGER - 5.0), quote(401, TRIGGER - 5.0)]
    played, plugin = play(tmp_path, data, latency_ns=50 * MS)
    assert played.kinds[1:] == [("stop_loss", "STOP_LIMIT", "FILLED")]
    assert is_flat(played, plugin)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_market_does_nothing_is_sold_twice_and_no_coin_is_left(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's market
    price, second, quotes = PRICE, 300.02, []
    while second < 420.0:
        price *= 1 + rng.gauss(0.0, rng.choice((0.0005, 0.004, 0.02)))
        quotes.append(quote(second, round(price, 2), rng.choice((0.02, 0.05, 5.0))))
        second = round(second + rng.choice((0.01, 0.06, 0.4, 3.0)), 3)
    execution = ExecutionConfig(
        style=rng.choice(("micro", "bracket")),  # type: ignore[arg-type]
        lifetime_s=rng.choice((1.0, 5.0)),
        partial=rng.choice(("keep", "close")),  # type: ignore[arg-type]
        stop_limit_offset_bps=rng.choice((1.0, 50.0, 500.0)),
        ack_timeout_s=1.0,
    )

    def cancel(made: Any) -> None:
        for order in made.cache.orders_open():
            cancel_again(made.kernel.msgbus, made.kernel.clock, order)

    def answer(signal: Any) -> Any:
        return decision(signal, order_type=rng.choice(("market", "limit")), target_duration=rng.choice((60.0, 3600.0)))

    at = {round(rng.uniform(300.0, 420.0), 2): cancel for _ in range(rng.choice((0, 0, 2, 6)))}
    latency = rng.choice((0, 5, 50, 400)) * MS
    data = [*flat(1), *quotes, *[quote(number * 100.0, round(price, 2)) for number in range(5, 60)]]
    played, plugin = play(tmp_path, data, answer, execution=execution, latency_ns=latency, at=at, depth=2_000.0)
    assert played.open == []
    assert plugin._trades == {}
    assert played.watched.most_over <= 1e-9
    assert played.watched.stops_max <= 1
