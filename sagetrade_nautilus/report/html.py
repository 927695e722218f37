"""The HTML report: one file, everything inlined, nothing fetched.

Names, reasons and headlines are data: the template escapes them all, and the page's content security policy
allows its own script and style by their hashes, and nothing else.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.report import text
from sagetrade_nautilus.report.bar_charts import decision_funnels, edge_chart, waterfall
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.price_chart import price_charts
from sagetrade_nautilus.report.time_charts import HUES, drawdown_chart, equity_chart, strategies_chart
from sagetrade_nautilus.report.trade_log import utc
from sagetrade_nautilus.report.whisker_chart import information_chart
from sagetrade_nautilus.report.words import VERDICTS, verdict

TRADES_SHOWN = 200
HEAT_STEPS = 4
TEMPLATES = "sagetrade_nautilus.report"
_MARKS = re.compile(r"(?<=[_./:=-])")


def render(summary: RunSummary, metrics: Metrics, ledger: EquityLedger) -> str:
    """Return the report of a run as one HTML document; equal runs give equal documents."""
    return document(
        "report.html.j2",
        summary=summary,
        m=metrics,
        sentences=verdict(metrics),
        equity=equity_chart(summary, ledger),
        drawdown=drawdown_chart(summary, ledger),
        strategies=strategies_chart(summary, ledger),
        prices=price_charts(summary),
        waterfall=waterfall(metrics.costs, metrics.starting_balance),
        information=information_chart(metrics.signal_quality),
        edges=edge_chart(metrics.signal_quality),
        funnels=decision_funnels(metrics),
        verdicts=VERDICTS,
        trades=summary.round_trips[:TRADES_SHOWN],
        hues=HUES,
        heat=_heat_of(metrics),
    )


def document(template: str, package: str = TEMPLATES, **values: Any) -> str:
    """Return a page from a template of `package`, with the report's own look, script and macros."""
    css, script = _asset("common.css") + _asset("report.css"), _asset("report.js")
    return (
        _environment(package)
        .get_template(template)
        .render(
            **values,
            css=Markup(css),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            css_hash=_csp_hash(css),
            script_hash=_csp_hash(script),
        )
    )


@cache
def _environment(package: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package), jinja2.PackageLoader(TEMPLATES)]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=text.number,
        percent=text.percent,
        money=text.money,
        cents=text.cents,
        equity_digits=text.equity_digits,
        bps=text.bps,
        price=text.price,
        setting=text.setting,
        typeset=text.typeset,
        duration=text.duration,
        horizon=text.horizon,
        spaced=text.spaced,
        listed=text.listed,
        counted=text.count,
        moment=lambda ts: f"{utc(ts):%Y-%m-%d %H:%M}",
        tone=_tone,
        breakable=_breakable,
        data_block=_data_block,
    )
    return environment


def _asset(name: str) -> str:
    return resources.files(TEMPLATES).joinpath("templates", name).read_text(encoding="utf-8")


def _csp_hash(content: str) -> str:
    return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()


def _data_block(data: str) -> Markup:
    """Make JSON safe inside a script element: no character in it can end the element."""
    for character in "<>&\u2028\u2029":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return Markup(data)  # noqa: S704 - escaped above


def _breakable(name: str) -> Markup:
    """Let a long name break after its marks, so that a narrow column shows it whole."""
    parts = Markup("<wbr>").join(part for part in _MARKS.split(name) if part)
    return Markup('<span class="name">{}</span>').format(parts)


def _tone(value: float | None) -> str:
    return "win" if value is not None and value > 0 else "loss" if value is not None and value < 0 else ""


def _heat_of(metrics: Metrics) -> dict[str, dict[str, str]]:
    """Return how strongly to tint each strategy's result in each regime, by the largest of them."""
    cells = metrics.strategy_regimes
    largest = max((abs(value) for row in cells.values() for value in row.values()), default=0.0) or 1.0
    return {
        name: {
            regime: f"{_tone(value)}-{max(1, round(HEAT_STEPS * abs(value) / largest))}" if value else ""
            for regime, value in row.items()
        }
        for name, row in cells.items()
    }
