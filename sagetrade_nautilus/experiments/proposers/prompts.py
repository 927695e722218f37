"""What a language model is told: a plugin's contract, an example, the baseline's figures, and how its last try did."""

from collections.abc import Sequence
from typing import Final

from sagetrade_nautilus.experiments.evaluation.figures import Criterion, RunFigures
from sagetrade_nautilus.experiments.proposers.base import Tried

SYSTEM: Final = """\
You propose one change to a trading system. You answer with JSON alone, by the schema that you are given.

You write one strategy plugin, `strategies/<plugin>.py`, new or in the place of one that is there, and a test for it,
`tests/unit/strategies/test_<plugin>.py`. The class and its config are called by the file's name: `dip_buyer.py` defines
`DipBuyer(SageStrategy[DipBuyerConfig])` and `DipBuyerConfig(SageStrategyConfig, frozen=True, kw_only=True)`.

What must hold:
- Decision logic only: `initialize`, `on_new_signal(signal) -> Decision | None`, `on_market(market_state) -> None`,
  `on_tick(market_state)`. No order, no file, no network, no process, no clock, no randomness, no reflection, no name
  with two underscores before it. A static check refuses the file otherwise, and it runs in a sandbox.
- Import only from `math`, `collections`, `dataclasses`, `typing`, `sagetrade_nautilus.data`,
  `sagetrade_nautilus.model.decision`, `sagetrade_nautilus.strategy`.
- Every number that matters is a setting of the config, and stands in `params`.
- `expected_edge_bps` must be above the costs of a round trip, or the decision is refused.
- Money, limits, sizing, the guard and the policy are not yours to change.
- It is ruff-clean at 120 characters a line, and short: 40 to 80 lines.

`params` are the settings of the plugin in the run, `changes` are further values of the run's file, by their place
('aggregator.text_weight', 'strategies.momentum_scalper.enabled'); leave `changes` empty if the plugin is enough.

The change is measured against the baseline on the same data and costs, stressed, deflated for the number of tries, and
judged on days that you never see. What fits the past by chance will be found out.
"""


def question(hypothesis: str, config: str, baseline: RunFigures, costs_bps: float, example: str, test: str) -> str:
    """Return what is asked in the first round."""
    return f"""\
Hypothesis: {hypothesis}

The baseline on the research days: {_figures(baseline)}. A round trip costs {costs_bps:g} basis points.

The run's file:
```toml
{config}
```

A plugin as it should look:
```python
{example}
```

Its test:
```python
{test}
```
"""


def again(first: str, answer: str, tried: Tried, baseline: RunFigures, rounds_left: int) -> str:
    """Return what is asked after a try: the same, the last answer, and what came of it."""
    return f"""\
{first}
Your last answer:
```json
{answer}
```

What came of it:
{_came(tried, baseline)}

You have {rounds_left} more {"try" if rounds_left == 1 else "tries"}. Answer with the whole change again, better.
"""


def _came(tried: Tried, baseline: RunFigures) -> str:
    failed = [check for check in tried.checks if not check.passed]
    if failed:
        return _listed(failed)
    if tried.measured is None or tried.measured.metrics is None:
        return f"- the run failed: {tried.measured.failure if tried.measured else 'it was not made'}"
    return f"- it ran: {_figures(tried.measured.metrics)}\n- the baseline: {_figures(baseline)}"


def _listed(checks: Sequence[Criterion]) -> str:
    return "\n".join(f"- {check.name} failed: {check.detail}" for check in checks)


def _figures(metrics: RunFigures) -> str:
    sharpe = "none" if metrics.sharpe is None else f"{metrics.sharpe:.3f}"
    return (
        f"Sharpe ratio {sharpe}, return {metrics.total_return:+.4%}, drawdown {metrics.drawdown:.4%}, "
        f"{metrics.trades} trades, fees {metrics.fees:.6g}, slippage {metrics.slippage_cost:.6g}"
    )
