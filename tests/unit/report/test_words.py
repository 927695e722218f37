import msgspec
import pytest

from sagetrade_nautilus.model.records import DecisionCount, RunSummary
from sagetrade_nautilus.report import metrics
from sagetrade_nautilus.report.figures import Information, Metrics
from sagetrade_nautilus.report.words import verdict

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def figures(summary: RunSummary) -> Metrics:
    return metrics.compute(summary, 100, 7)


def _said(figures: Metrics, topic: str) -> str:
    return next(sentence.text for sentence in verdict(figures) if sentence.topic == topic)


def _with_total(figures: Metrics, **changes: float | None) -> Metrics:
    return replace(figures, total=replace(figures.total, **changes))


def _with_coefficients(figures: Metrics, *values: tuple[float, bool]) -> Metrics:
    rows = tuple(
        Information(
            signal="composite",
            symbol="all",
            horizon_min=minutes,
            ic=ic,
            low=ic - 0.01,
            high=ic + 0.01,
            t_stat=1.0,
            n=99,
            excludes_zero=sure,
        )
        for minutes, (ic, sure) in zip((5, 15, 60), values, strict=False)
    )
    return replace(figures, signal_quality=replace(figures.signal_quality, rows=rows))


def test_a_loss_is_called_a_loss_with_its_size(figures: Metrics) -> None:
    said = _said(_with_total(figures, total_return_pct=-8.44, net_pnl=-8_440.0), "Result")
    assert "The run lost 8.4% (−8,440 USDT)" in said
    assert "Buying and holding BTCUSDT and ETHUSDT in equal parts" in said


def test_doing_worse_than_holding_is_said_plainly(figures: Metrics) -> None:
    worse = replace(figures, benchmark=replace(figures.benchmark, total_return_pct=10.0))
    assert "did worse than holding by" in _said(worse, "Result")


def test_being_ahead_with_little_at_stake_is_not_praised(figures: Metrics) -> None:
    ahead = replace(figures, benchmark=replace(figures.benchmark, total_return_pct=-60.0))
    assert "says little about skill" in _said(ahead, "Result")


def test_costs_that_turn_a_gain_into_a_loss_are_named(figures: Metrics) -> None:
    said = _said(
        _with_total(figures, pnl_before_costs=1_200.0, fees=3_900.0, slippage_cost=400.0, net_pnl=-3_100.0), "Costs"
    )
    assert said.startswith("Before costs the trades made 1.2%, fees took 3.9% and slippage 0.4%.")
    assert "Costs turned a gain into a loss." in said


def test_a_strategy_is_told_with_its_wins_its_costs_and_its_worst_regime(figures: Metrics) -> None:
    name = "mean_reversion_scalper"
    part = replace(
        figures.per_strategy[name],
        net_pnl=-3_100.0,
        total_return_pct=-3.1,
        trades=412,
        win_rate_pct=48.1,
        pnl_before_costs=1_200.0,
        fees=3_900.0,
        slippage_cost=400.0,
        expected_edge_bps=31.0,
        realized_edge_bps=2.4,
    )
    told = replace(
        figures,
        per_strategy={name: part},
        strategy_regimes={name: {"high_vol_trending": -2_100.0, "low_vol_ranging": -1_000.0}},
    )
    assert _said(told, name) == (
        "mean_reversion_scalper lost 3.1%: it won 48% of 412 trades; before costs it made 1.2%, fees took 3.9% and "
        "slippage 0.4%. Its decisions expected 31.0 bps a trade before costs and made 2.4. "
        "It lost most in high-volatility trending markets (2.1%)."
    )


def test_a_strategy_that_never_traded_says_why(figures: Metrics) -> None:
    assert _said(figures, "idle_strategy") == (
        "idle_strategy never traded: of its 214 decisions, 214 were refused by the selector (no row fits)."
    )


def test_a_strategy_that_never_decided_says_so(figures: Metrics) -> None:
    silent = replace(figures, decisions=())
    assert _said(silent, "idle_strategy") == "idle_strategy never traded: it made no decision."


def test_a_strategy_that_never_decided_in_a_run_without_texts_is_told_so(figures: Metrics) -> None:
    silent = replace(figures, decisions=(), signal_quality=replace(figures.signal_quality, with_text=0))
    assert _said(silent, "idle_strategy") == (
        "idle_strategy never traded: it made no decision; "
        "no signal of the run held a text, which some strategies wait for."
    )


def test_a_verdict_that_the_words_do_not_know_is_still_told(figures: Metrics) -> None:
    rows = (DecisionCount(strategy="idle_strategy", verdict="lost_at_sea", reason="", count=1),)
    assert "of its 1 decision, 1 was lost at sea" in _said(replace(figures, decisions=rows), "idle_strategy")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (((0.05, True),), "ranks what the price does over the next 5 min (+0.050)"),
        (((-0.05, True),), "points the wrong way over the next 5 min (−0.050)"),
        (
            ((0.01, False),),
            "The composite score cannot be told from noise over 5 min (+0.010): the 95% interval includes 0",
        ),
        (((0.05, True), (0.01, False)), "It cannot be told from noise over 15 min"),
    ],
)
def test_a_coefficient_is_read_by_its_interval(
    figures: Metrics, values: tuple[tuple[float, bool], ...], words: str
) -> None:
    assert words in _said(_with_coefficients(figures, *values), "Signals")


def test_without_an_interval_nothing_is_claimed(figures: Metrics) -> None:
    told = _with_coefficients(figures, (0.3, False))
    short = tuple(replace(row, low=None, high=None) for row in told.signal_quality.rows)
    gains = tuple(replace(row, low=None, high=None, excludes_zero=False) for row in figures.signal_quality.text_adds)
    unsure = replace(told, signal_quality=replace(told.signal_quality, rows=short, text_adds=gains))
    assert _said(unsure, "Signals").startswith("There are too few days to say")
    assert "interval" not in _said(unsure, "Signals")
    assert _said(unsure, "Text").startswith("There are too few days to say")


def test_small_results_are_not_rounded_away(figures: Metrics) -> None:
    assert "The run lost 0.07%" in _said(_with_total(figures, total_return_pct=-0.07, net_pnl=-70.0), "Result")


def test_a_fate_that_never_happened_is_not_told(figures: Metrics) -> None:
    never = DecisionCount(strategy="idle_strategy", verdict="taken", reason="", count=0)
    assert "taken" not in _said(replace(figures, decisions=(*figures.decisions, never)), "idle_strategy")


def test_a_signal_that_does_not_pay_for_a_round_trip_is_said_not_to(figures: Metrics) -> None:
    assert "does not pay for the trade" in _said(figures, "Worth")
    rich = replace(figures.signal_quality.edges[0], edge_bps=40.0)
    paying = replace(figures, signal_quality=replace(figures.signal_quality, edges=(rich,)))
    assert "more than it costs" in _said(paying, "Worth")


def test_text_that_adds_nothing_is_said_to_add_nothing(figures: Metrics) -> None:
    gains = tuple(replace(row, excludes_zero=False) for row in figures.signal_quality.text_adds)
    said = _said(replace(figures, signal_quality=replace(figures.signal_quality, text_adds=gains)), "Text")
    assert "adds nothing to prices alone" in said
    assert "Texts that say nothing" not in said


def test_text_that_seems_to_matter_is_told_with_how_often_chance_alone_has_it_seem_so(figures: Metrics) -> None:
    row = figures.signal_quality.text_adds[0]
    gains = tuple(
        replace(row, horizon_min=minutes, ic=0.01, excludes_zero=minutes == 15) for minutes in (5, 15, 60, 240)
    )
    said = _said(replace(figures, signal_quality=replace(figures.signal_quality, text_adds=gains)), "Text")
    assert "better than prices alone over 15 min (+0.010). Texts that say nothing do so" in said
    assert "over one or more of 4 horizons in up to 19% of runs" in said


@pytest.mark.parametrize(
    ("net_bps", "excludes_zero", "words"),
    [
        (5.0, True, "text leaves more after costs over 5 min (+5.0 bps a day)"),
        (-5.0, True, "text leaves less after costs over 5 min (−5.0 bps a day)"),
        (5.0, False, "the money that text makes or loses after costs cannot be told from none"),
    ],
)
def test_what_text_leaves_after_costs_is_said(
    figures: Metrics, net_bps: float, excludes_zero: bool, words: str
) -> None:
    quality = figures.signal_quality
    row = next(row for row in quality.following if row.signal == "composite - quant")
    told = replace(row, net_bps=net_bps, low=0.0, high=0.0, excludes_zero=excludes_zero)
    assert words in _said(replace(figures, signal_quality=replace(quality, following=(told,))), "Text")


def test_a_run_without_trades_or_signals_has_a_verdict(idle_summary: RunSummary) -> None:
    idle = metrics.compute(replace(idle_summary, signals=(), decisions=()), 100, 7)
    assert "never traded" in _said(idle, "Result")
    assert _said(idle, "Costs") == "Nothing was traded, so nothing was paid."
    assert "too few signals" in _said(idle, "Signals")
