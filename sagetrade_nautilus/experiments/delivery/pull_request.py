"""The pull request of an experiment, by the specification's template. Pure."""

from typing import Final

import msgspec

from sagetrade_nautilus.experiments.delivery.report import REPORT, Report
from sagetrade_nautilus.experiments.evaluation.figures import RunFigures
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.promotion.judge import INAPPLICABLE

LABEL: Final = "ai-proposed"
TITLE_CHARS_MAX: Final = 100
PROPOSALS: Final = "proposals"
HARMLESS: Final = str.maketrans(
    {"@": "@\u200b", "#": "#\u200b", "<": "&lt;", **{mark: f"\\{mark}" for mark in ("\\", "|", "[", "`")}}
)
"""What GitHub's markdown would make something of, and what stands in its place."""


class PullRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What GitHub is asked for."""

    title: str
    body: str
    head: str
    base: str
    draft: bool
    labels: tuple[str, ...] = (LABEL,)


def compose(experiment: Experiment, report: Report, target: str, approver: str) -> PullRequest:
    """Return the pull request; it is a draft where it touches what only people change."""
    evidence = report.evidence
    return PullRequest(
        title=f"[AI-PROPOSED] {_line(evidence.title)[:TITLE_CHARS_MAX]}",
        body=_body(experiment, report, approver),
        head=experiment.branch,
        base=target,
        draft=bool(evidence.needs_person),
    )


def _body(experiment: Experiment, report: Report, approver: str) -> str:
    evidence, paper = report.evidence, report.paper_simulation
    tests = [one for one in evidence.criteria if one.name in ("static guard", "lint", "tests")]
    others = [one for one in evidence.criteria if one not in tests]
    return f"""\
Description:

- What changed: {_line(evidence.title)} (`{evidence.base[:12]}` to `{evidence.change[:12]}`)
- Rationale: {_line(evidence.rationale)}
- Tests run: {"; ".join(f"{one.name}: {_mark(one.passed)} ({_line(one.detail)})" for one in tests)}
- Backtest results: baseline vs experiment, {report.backtest_range}, after costs \
([`{REPORT}`]({PROPOSALS}/{experiment.id}/{REPORT}))

| | baseline | experiment |
|---|---|---|
{_table(evidence.baseline, evidence.experiment)}

{chr(10).join(f"- {one.name}: {_mark(one.passed)}, {_line(one.detail)}" for one in others)}
- gate: {"recommends it" if evidence.verdict.recommended else "does NOT recommend it"}, judged for \
{evidence.verdict.trials:,} trials; sealed days {"read" if evidence.verdict.holdout_read else "not read"}\
{"".join(f"; {_line(one)}" for one in evidence.verdict.reasons if INAPPLICABLE in one)}

- Canary plan: allocate {paper.allocated_capital_pct:g}% of capital for {paper.duration_hours} hours, \
metrics to watch: PnL, drawdown, avg slippage
- Rollback criteria: {" OR ".join(evidence.rollback)}

Hypothesis: {_line(report.hypothesis)}
{_manual(evidence.needs_person)}
Requires: {approver}
"""


def _table(baseline: RunFigures, experiment: RunFigures) -> str:
    rows = {
        "Sharpe": [_number(one.sharpe) for one in (baseline, experiment)],
        "return": [f"{one.total_return:+.2%}" for one in (baseline, experiment)],
        "max drawdown": [f"{one.drawdown:.2%}" for one in (baseline, experiment)],
        "trades": [f"{one.trades:,}" for one in (baseline, experiment)],
        "average slippage, bps": [_number(one.avg_slippage_bps) for one in (baseline, experiment)],
    }
    return "\n".join(f"| {name} | {' | '.join(shown)} |" for name, shown in rows.items())


def _manual(lines: tuple[str, ...]) -> str:
    if not lines:
        return ""
    listed = "\n".join(f"- `{_line(line.replace('`', ''))}`" for line in lines)
    return f"\n**Needs manual approval.** It is a draft, because it touches what only people change:\n\n{listed}\n"


def _mark(passed: bool) -> str:
    return "passed" if passed else "FAILED"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _line(text: str) -> str:
    """Return text of whoever proposed it as one line that cannot break out of its place, call on anybody, close an
    issue, or lead elsewhere than it says.
    """
    return " ".join(text.split()).translate(HARMLESS)
