"""The verdict in plain words: what was lost and where, what costs took, what the signals are worth."""

from typing import Literal

import msgspec

from sagetrade_nautilus.model.records import DecisionCount
from sagetrade_nautilus.report.figures import Information, Metrics, Performance
from sagetrade_nautilus.report.text import count, horizon, listed, money, number, percent, spaced

TAKEN = "taken"
VERDICTS = {
    TAKEN: "taken",
    "refused_edge": "refused because the expected edge did not cover the costs",
    "refused_selector": "refused by the selector",
    "refused_sizing": "too small to trade",
    "refused_short": "refused, since coins are not sold short",
    "denied_by_guard": "denied by the guard",
}
NO_TEXT = "no signal of the run held a text, which some strategies wait for"
LOW_EXPOSURE_PCT = 50.0

Tone = Literal["good", "bad", "plain"]


class Sentence(msgspec.Struct, frozen=True):
    """One finding. `tone` tells whether it speaks for the run, against it, or neither."""

    tone: Tone
    topic: str
    text: str

    @property
    def after_topic(self) -> str:
        """The text without the name that it begins with, for where that stands beside it already."""
        rest = self.text.removeprefix(f"{self.topic} ")
        return rest[:1].upper() + rest[1:]


def verdict(metrics: Metrics) -> tuple[Sentence, ...]:
    """Say what the figures mean, the whole run first."""
    strategies = tuple(_strategy(name, part, metrics) for name, part in metrics.per_strategy.items())
    return (_result(metrics), _costs(metrics), *strategies, *_signal(metrics))


def _result(metrics: Metrics) -> Sentence:
    total, held = metrics.total, metrics.benchmark
    if not total.trades and not total.open_trades:
        text = f"The run never traded in {count(metrics.days, 'day')}."
    else:
        pnl = money(total.net_pnl, metrics.currency, signed=True)
        text = (
            f"The run {_moved(total.total_return_pct)} ({pnl}) in {count(metrics.days, 'day')}, "
            f"and at worst stood {_share(total.max_drawdown_pct)} below its peak."
        )
    text += (
        f" Buying and holding {listed(held.symbols)}{' in equal parts' if len(held.symbols) > 1 else ''} "
        f"{_moved(held.total_return_pct)} over the same time."
    )
    ahead = total.total_return_pct - held.total_return_pct
    if ahead < 0:
        text += f" The run did worse than holding by {number(-ahead, 1)} percentage points."
    elif total.avg_exposure_pct is not None and total.avg_exposure_pct < LOW_EXPOSURE_PCT:
        text += (
            f" It had only {percent(total.avg_exposure_pct)} of equity in the market on average, "
            "so being ahead of holding says little about skill."
        )
    return Sentence(_tone(total.net_pnl), "Result", text)


def _costs(metrics: Metrics) -> Sentence:
    total, start = metrics.total, metrics.starting_balance
    if not total.notional:
        return Sentence("plain", "Costs", "Nothing was traded, so nothing was paid.")
    text = _before_costs(total, start, "the trades").capitalize() + "."
    if total.net_pnl < 0 < total.pnl_before_costs:
        text += " Costs turned a gain into a loss."
    elif total.fees_of_pnl_before_fees_pct is not None:
        text += f" Fees were {percent(total.fees_of_pnl_before_fees_pct, 0)} of what was earned before them."
    elif total.net_pnl + total.fees < 0:
        text += " There was no profit to pay the fees from."
    return Sentence("bad" if total.fees > max(total.net_pnl, 0.0) else "plain", "Costs", text)


def _strategy(name: str, part: Performance, metrics: Metrics) -> Sentence:
    if not part.trades and not part.open_trades:
        return Sentence("plain", name, f"{name} never traded: {_why_idle(name, metrics)}.")
    text = f"{name} {_moved(part.total_return_pct)}"
    if part.trades:
        text += f": it won {percent(part.win_rate_pct, 0)} of {count(part.trades, 'trade')}"
    text += f"; {_before_costs(part, metrics.starting_balance, 'it')}."
    if part.expected_edge_bps is not None and part.realized_edge_bps is not None:
        hoped, made = (number(value, 1) for value in (part.expected_edge_bps, part.realized_edge_bps))
        text += f" Its decisions expected {hoped} bps a trade before costs and made {made}."
    if part.net_pnl < 0:
        text += _where_it_lost(name, metrics)
    if part.open_trades:
        text += f" {count(part.open_trades, 'trade')} still open at the end, valued at the last price."
    return Sentence(_tone(part.net_pnl), name, text)


def _where_it_lost(name: str, metrics: Metrics) -> str:
    regimes = metrics.strategy_regimes.get(name, {})
    losing = {regime: pnl for regime, pnl in regimes.items() if pnl < 0}
    if not losing:
        return ""
    worst = min(sorted(losing), key=lambda regime: losing[regime])
    lost = _share(100.0 * losing[worst] / metrics.starting_balance)
    return f" It lost most in {spaced(worst)} markets ({lost})."


def _why_idle(name: str, metrics: Metrics) -> str:
    rows = sorted((row for row in metrics.decisions if row.strategy == name and row.count), key=lambda row: -row.count)
    total = sum(row.count for row in rows)
    if not total:
        textless = metrics.signal_quality.with_text == 0
        return "it made no decision" + (f"; {NO_TEXT}" if textless else "")
    return f"of its {count(total, 'decision')}, {listed([_fate(row) for row in rows])}"


def _fate(row: DecisionCount) -> str:
    fate = VERDICTS.get(row.verdict, spaced(row.verdict))
    because = f" ({row.reason})" if row.reason else ""
    return f"{row.count:,} {'was' if row.count == 1 else 'were'} {fate}{because}"


def _signal(metrics: Metrics) -> tuple[Sentence, ...]:
    quality = metrics.signal_quality
    composite = [row for row in quality.rows if row.signal == "composite" and row.symbol == "all"]
    if not composite:
        return (Sentence("plain", "Signals", "There were too few signals to relate them to later prices."),)
    return (_coefficients(composite), *_worth(metrics), *_text(metrics))


def _coefficients(rows: list[Information]) -> Sentence:
    right = [row for row in rows if row.excludes_zero and row.ic > 0]
    wrong = [row for row in rows if row.excludes_zero and row.ic < 0]
    noise = [row for row in rows if row.low is not None and not row.excludes_zero]
    unknown = [row for row in rows if row.low is None]
    parts = []
    if right:
        parts.append(f"The composite score ranks what the price does over the next {_at(right)}")
    if wrong:
        parts.append(f"The composite score points the wrong way over the next {_at(wrong)}")
    if noise:
        subject = "It" if parts else "The composite score"
        parts.append(f"{subject} cannot be told from noise over {_at(noise)}: the 95% interval includes 0")
    if unknown:
        parts.append(f"There are too few days to say whether the composite means anything over {_at(unknown)}")
    tone: Tone = "bad" if wrong or (noise and not right) else "good" if right and not noise else "plain"
    return Sentence(tone, "Signals", ". ".join(parts) + ".")


def _worth(metrics: Metrics) -> tuple[Sentence, ...]:
    known = [(edge.edge_bps, edge) for edge in metrics.signal_quality.edges if edge.edge_bps is not None]
    if not known:
        return ()
    best, edge = max(known, key=lambda pair: pair[0])
    pays = best > edge.round_trip_bps
    text = (
        f"At its best horizon, {horizon(edge.horizon_min)}, going long its highest fifth and short its "
        f"lowest made {number(best, 1, signed=True)} bps a trade before costs; a round trip is assumed to "
        f"cost {number(edge.round_trip_bps, 1)} bps. "
        + ("On this sample that is more than it costs." if pays else "That alone does not pay for the trade.")
    )
    return (Sentence("good" if pays else "bad", "Worth", text),)


def _text(metrics: Metrics) -> tuple[Sentence, ...]:
    gains = metrics.signal_quality.text_adds
    if not gains:
        return ()
    better = [row for row in gains if row.excludes_zero and row.ic > 0]
    worse = [row for row in gains if row.excludes_zero and row.ic < 0]
    parts = []
    if better:
        parts.append(f"Text makes the composite better than prices alone over {_at(better)}")
    if worse:
        parts.append(f"Text makes the composite worse than prices alone over {_at(worse)}")
    if parts:
        chance = percent(100.0 * (1.0 - 0.95 ** len(gains)), 0)
        horizons = count(len(gains), "horizon")
        parts.append(f"Texts that say nothing do so over one or more of {horizons} in up to {chance} of runs")
    if not parts and all(row.low is None for row in gains):
        parts.append("There are too few days to say what text adds to prices alone")
    elif not parts:
        parts.append("Text adds nothing to prices alone that can be told from noise, at any horizon measured")
    parts.extend(_text_paid(metrics))
    return (Sentence("bad" if worse else "good" if better else "plain", "Text", ". ".join(parts) + "."),)


def _text_paid(metrics: Metrics) -> list[str]:
    """Say what texts changed after costs for who follows the composite, if that can be told at all."""
    rows = [row for row in metrics.signal_quality.following if row.signal == "composite - quant"]
    told = [row for row in rows if row.excludes_zero]
    if not any(row.low is not None for row in rows):
        return []
    if not told:
        return ["Followed step by step, the money that text makes or loses after costs cannot be told from none"]
    parts = []
    for word, sign in (("more", 1), ("less", -1)):
        chosen = [row for row in told if sign * row.net_bps > 0]
        steps = [f"{horizon(row.horizon_min)} ({number(row.net_bps, 1, signed=True)} bps a day)" for row in chosen]
        if steps:
            parts.append(f"Followed step by step, text leaves {word} after costs over {listed(steps)}")
    return parts


def _at(rows: list[Information]) -> str:
    return listed([f"{horizon(row.horizon_min)} ({number(row.ic, 3, signed=True)})" for row in rows])


def _before_costs(part: Performance, start: float, subject: str) -> str:
    before, fees, slippage = (
        _share(100.0 * value / start) for value in (part.pnl_before_costs, part.fees, part.slippage_cost)
    )
    made = "made" if part.pnl_before_costs >= 0 else "lost"
    fee_words = f"fees took {fees}" if part.fees >= 0 else f"fee rebates gave {fees}"
    slippage_words = f"slippage {slippage}" if part.slippage_cost >= 0 else f"better prices gave {slippage} back"
    return f"before costs {subject} {made} {before}, {fee_words} and {slippage_words}"


def _moved(return_pct: float) -> str:
    if return_pct == 0:
        return "ended where it began"
    return f"{'made' if return_pct > 0 else 'lost'} {_share(return_pct)}"


def _share(value_pct: float) -> str:
    """Show the size of a percentage: tenths, or hundredths below one tenth."""
    return percent(abs(value_pct), 1 if abs(value_pct) >= 0.1 else 2)


def _tone(pnl: float) -> Tone:
    return "good" if pnl > 0 else "bad" if pnl < 0 else "plain"
