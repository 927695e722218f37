"""A plugin that holds one market against another, in a real engine: both legs are opened and closed, or neither."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from tests.support.engine import BTC
from tests.support.pair_plugin import ETH, Pair, buy, config, play


def pair(**of_btc: Any) -> Callable[[CompositeSignal], list[Decision]]:
    """Return an answer to a signal about ether that buys it and sells bitcoin; `of_btc` changes that leg."""
    fields = {"instrument_id": BTC, "side": "sell", "tp": 38_000.0, "sl": 42_000.0}
    return lambda signal: [buy(signal), buy(signal, **{**fields, **of_btc})]


def closing(state: MarketState) -> list[PositionAction]:
    """Close everything, here and elsewhere, once both legs are held."""
    held = (*state.positions, *state.elsewhere)
    if len(held) < 2:
        return []
    return [PositionAction(trade_id=leg.trade_id, kind=ActionKind.CLOSE, reason="together") for leg in held]


def test_the_other_leg_is_seen_with_its_own_price_and_move(tmp_path: Path) -> None:
    plugin = Pair(config())
    play(tmp_path, plugin, signals={BTC: {2: 0.8}, ETH: {2: 0.8}})
    last = plugin.seen[-1]
    assert [held.instrument_id for held in last.positions] == [last.instrument_id]
    (other,) = last.elsewhere
    assert {last.instrument_id, other.instrument_id} == {BTC, ETH}
    assert other.price == {BTC: 40_000.0, ETH: 3_000.0}[other.instrument_id]
    assert abs(other.unrealized_bps) < 5.0
    assert not isnan(last.positions[0].price)


def test_both_legs_can_be_closed_together_from_one_bar(tmp_path: Path) -> None:
    plugin = Pair(config())
    plugin.manage = closing  # type: ignore[method-assign]
    found = play(tmp_path, plugin, signals={BTC: {2: 0.8}, ETH: {2: 0.8}})
    assert sorted(found) == [(BTC, "entry"), (BTC, "plugin"), (ETH, "entry"), (ETH, "plugin")]


def test_an_action_on_what_an_action_before_it_has_closed_is_no_fault(tmp_path: Path) -> None:
    plugin = Pair(config())
    plugin.manage = lambda state: 2 * closing(state)  # type: ignore[method-assign]
    assert len(play(tmp_path, plugin, signals={BTC: {2: 0.8}, ETH: {2: 0.8}})) == 4


BOTH = {BTC: {1: 0.1}, ETH: {3: 0.8}}
"""Bitcoin's signal, which the plugin lets go by, makes its price known; then ether's comes."""


def paired(answer: Callable[[CompositeSignal], Any]) -> Pair:
    """Return a plugin that answers ether's signals alone."""
    plugin = Pair(config())
    plugin.answer = lambda signal: None if signal.instrument_id.value == BTC else answer(signal)  # type: ignore
    return plugin


def records(folder: Path) -> list[DecisionRecord]:
    return [line for line in read(folder / "decisions.jsonl") if isinstance(line, DecisionRecord)]


def test_two_decisions_open_two_legs_at_once_each_at_its_own_price(tmp_path: Path) -> None:
    plugin = paired(pair())
    assert sorted(play(tmp_path, plugin, signals=BOTH)) == [(BTC, "entry"), (ETH, "entry")]
    taken = records(tmp_path)
    assert [(record.instrument_id, record.side, record.verdict) for record in taken] == [
        (ETH, "buy", Verdict.TAKEN),
        (BTC, "sell", Verdict.TAKEN),
    ]
    assert [record.price for record in taken] == [3_000.0, 40_000.0]
    assert len({record.ts for record in taken}) == 1


def test_a_leg_that_is_refused_refuses_the_other_and_the_journal_says_which(tmp_path: Path) -> None:
    assert play(tmp_path, paired(pair(expected_edge_bps=1.0)), signals=BOTH) == []
    of_eth, of_btc = records(tmp_path)
    assert (of_eth.verdict, of_btc.verdict) == (Verdict.REFUSED_EDGE, Verdict.REFUSED_EDGE)
    assert of_eth.why == f"{BTC}, which goes with it: {of_btc.why}"
    assert (of_eth.trade_id, of_eth.notional) == (None, 0.0)


def test_a_leg_where_a_position_is_held_refuses_both(tmp_path: Path) -> None:
    plugin = Pair(config())
    plugin.answer = lambda signal: buy(signal) if signal.instrument_id.value == BTC else pair()(signal)  # type: ignore
    assert play(tmp_path, plugin, signals=BOTH) == [(BTC, "entry")]
    assert [record.verdict for record in records(tmp_path)] == [Verdict.TAKEN, *[Verdict.REFUSED_SELECTOR] * 2]


@pytest.mark.parametrize("denied", [BTC, ETH])
@pytest.mark.parametrize("latency_ns", [0, 50_000_000])
def test_where_the_guard_denies_one_leg_the_other_does_not_stay(tmp_path: Path, denied: str, latency_ns: int) -> None:
    """Whichever is sent first: what was not sent is not sent, and what was is cancelled or closed."""
    made = LimitConfig(max_order_notional=5_000.0)
    small = {"size_pct": 2.0}
    plugin = paired(
        lambda signal: [
            buy(signal, **({} if denied == ETH else small)),
            *pair(**({} if denied == BTC else small))(signal)[1:],
        ]
    )
    found = play(tmp_path, plugin, signals=BOTH, limits=made, latency_ns=latency_ns)
    other = ETH if denied == BTC else BTC
    assert [row for row in found if row[0] == denied] == []
    assert found in ([], [(other, "entry"), (other, "leg_failed")])
    assert [record.verdict for record in records(tmp_path)].count(Verdict.DENIED_BY_GUARD) >= 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda signal: [buy(signal), "sell"], "a list of them, or None"),
        (lambda signal: [buy(signal), buy(signal)], "two decisions about ETHUSDT"),
        (pair(instrument_id="SOLUSDT.BINANCE"), "'SOLUSDT.BINANCE' is none of the strategy's"),
        (pair(sl=39_000.0), "needs sl and tp around the price"),
    ],
)
def test_nonsense_about_legs_stops_the_run_and_is_named(tmp_path: Path, answer: Any, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        play(tmp_path, paired(answer), signals=BOTH)


def test_nothing_can_be_decided_about_what_had_no_signal(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="has had no signal yet"):
        play(tmp_path, paired(pair()), signals={ETH: {3: 0.8}})


def test_no_decision_at_all_in_a_list_is_none(tmp_path: Path) -> None:
    assert play(tmp_path, paired(lambda signal: []), signals=BOTH) == []
