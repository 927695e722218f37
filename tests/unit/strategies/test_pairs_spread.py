"""The pair is opened when its spread is wide, both legs at once, and closed as a whole."""

from math import exp

import pytest

from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionState, Side
from strategies.pairs_spread import PairsSpread, PairsSpreadConfig
from tests.support.engine import BTC, MINUTE
from tests.support.signals import signal

ETH = "ETHUSDT.BINANCE"
BAR = 5 * MINUTE
LOOKBACK = 8
SPREADS = [0.01, -0.01] * (LOOKBACK // 2)
"""Of mean 0 and standard deviation 0.01: the price of bitcoin is 100 times exp(spread), ether's is 100."""


def _plugin(instruments: list[str] | None = None) -> PairsSpread:
    config = PairsSpreadConfig(lookback_bars=LOOKBACK, instruments=instruments or [BTC, ETH])
    plugin = PairsSpread(config)
    plugin.initialize(config)
    return plugin


def _bar(plugin: PairsSpread, number: int, spread: float) -> list[Decision] | None:
    """Have the plugin hear a bar of both as it comes: bitcoin's signal, its bar, ether's signal, its bar."""
    ts, price = number * BAR, 100.0 * exp(spread)
    first = plugin.on_new_signal(signal(0.0, price, ts, BTC))
    plugin.on_market(MarketState(ts, price, price, price, (), instrument_id=BTC))
    second = plugin.on_new_signal(signal(0.0, 100.0, ts, ETH))
    plugin.on_market(MarketState(ts, 100.0, 100.0, 100.0, (), instrument_id=ETH))
    assert first is None, "only the second price makes the spread known"
    return second


def _ready() -> PairsSpread:
    plugin = _plugin()
    for number, spread in enumerate(SPREADS):
        assert _bar(plugin, number, spread) is None
    return plugin


@pytest.mark.parametrize(("z", "sides"), [(2.1, {BTC: "sell", ETH: "buy"}), (-2.1, {BTC: "buy", ETH: "sell"})])
def test_the_dear_leg_is_sold_and_the_cheap_one_bought_at_their_own_prices(z: float, sides: dict[str, Side]) -> None:
    legs = _bar(_ready(), LOOKBACK, z * 0.01)
    assert legs is not None
    assert {leg.instrument_id: leg.side for leg in legs} == sides
    for leg, price in zip(legs, (100.0 * exp(z * 0.01), 100.0), strict=True):
        assert leg.fault(price) is None
        assert leg.expected_edge_bps == pytest.approx(0.5 * 2.1 * 0.01 * 10_000.0 / 2.0)


@pytest.mark.parametrize("z", [0.0, 1.9, -1.9, 4.1, -4.1])
def test_a_spread_that_is_narrow_or_past_giving_up_is_left_alone(z: float) -> None:
    assert _bar(_ready(), LOOKBACK, z * 0.01) is None


def test_a_mean_that_is_not_known_in_full_is_none() -> None:
    plugin = _plugin()
    assert all(_bar(plugin, number, spread) is None for number, spread in enumerate([0.0, 0.01, 0.5]))


def _held(first: Side, *names: str) -> tuple[PositionState, ...]:
    other: Side = "buy" if first == "sell" else "sell"
    sides = {BTC: first, ETH: other}
    return tuple(PositionState(f"p-{name}", sides[name], 1.0, 100.0, 60.0, 0.0, name) for name in names)


@pytest.mark.parametrize(
    ("first", "z", "closes"),
    [("sell", 1.0, False), ("sell", -0.1, True), ("sell", 4.5, True), ("buy", -1.0, False), ("buy", 0.1, True)],
)
def test_both_legs_are_closed_when_the_spread_is_back_or_has_gone_too_far(first: Side, z: float, closes: bool) -> None:
    plugin = _ready()
    _bar(plugin, LOOKBACK, z * 0.01)
    here, elsewhere = _held(first, ETH), _held(first, BTC)
    actions = plugin.on_tick(MarketState(0, 100.0, 100.0, 100.0, here, None, ETH, elsewhere))
    assert [action.trade_id for action in actions] == ([f"p-{ETH}", f"p-{BTC}"] if closes else [])
    assert {action.kind for action in actions} <= {ActionKind.CLOSE}


def test_a_pair_is_not_closed_for_a_spread_whose_mean_is_not_known_yet() -> None:
    state = MarketState(BAR, 100.0, 100.0, 100.0, _held("sell", BTC), instrument_id=BTC, elsewhere=_held("sell", ETH))
    assert _plugin().on_tick(state) == []


def test_a_leg_whose_other_is_gone_is_closed() -> None:
    (action,) = _ready().on_tick(MarketState(0, 100.0, 100.0, 100.0, _held("sell", ETH), None, ETH))
    assert action.reason == "the other leg is gone"


@pytest.mark.parametrize("names", [[BTC], [BTC, ETH, "SOLUSDT.BINANCE"]])
def test_a_pair_of_one_or_three_is_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match="a pair has two instruments"):
        _plugin(names)
