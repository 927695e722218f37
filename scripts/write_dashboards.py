"""Write Grafana's dashboards into deploy/grafana/dashboards, and docs/metrics.md from the metrics' catalogue.

    python scripts/write_dashboards.py

Both are held to this script by a test, and every metric that a panel names to the catalogue.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from sagetrade_nautilus.ops.catalogue import METRICS

ROOT = Path(__file__).resolve().parents[1]
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
PAGE = ROOT / "docs" / "metrics.md"
LATENCY = "order_latency_seconds"
WIDTH, STAT_HEIGHT, GRAPH_HEIGHT = 24, 4, 8
BEGIN, END = "<!-- begin: scripts/write_dashboards.py writes this -->", "<!-- end -->"
STATES = {"0": "running", "1": "no entries", "2": "reduce only", "3": "halted"}


class Panel(NamedTuple):
    """A panel: its title, what it asks by the legend of each answer, its unit, and where it turns yellow and red."""

    title: str
    asks: dict[str, str]
    unit: str = "short"
    stat: bool = False
    width: int = 12
    bounds: tuple[float, float] | None = None
    words: dict[str, str] | None = None


def of(metric: str, more: str = "") -> str:
    """Return a metric of the chosen nodes."""
    return f'sagetrade_{metric}{{instance=~"$instance"{more}}}'


def per_second(metric: str, by: str, more: str = "") -> str:
    """Return how fast a counter rises, added up by a label."""
    return f"sum by ({by}) (rate({of(metric, more)}[1m]))"


def quantiles(metric: str, *shares: float, more: str = "") -> dict[str, str]:
    """Return quantiles of a histogram over the last five minutes, by their legend."""
    rate = f"sum by (le) (rate({of(metric + '_bucket', more)}[5m]))"
    return {f"p{share * 100:g}": f"histogram_quantile({share}, {rate})" for share in shares}


BOARDS: dict[str, tuple[str, list[Panel]]] = {
    "overview": (
        "SageTrade: overview",
        [
            Panel("May trade", {"": of("trading_state")}, stat=True, width=4, bounds=(1, 2), words=STATES),
            Panel("Equity", {"": of("equity")}, stat=True, width=4),
            Panel("PnL of the day", {"": of("day_pnl")}, stat=True, width=4),
            Panel("Drawdown", {"": of("drawdown_ratio")}, "percentunit", stat=True, width=4, bounds=(0.1, 0.16)),
            Panel("Live exposure", {"": f"sum({of('exposure')})"}, stat=True, width=4),
            Panel("Active experiments", {"": of("experiments", ', state="active"')}, stat=True, width=4),
            Panel("Equity", {"{{instance}}": of("equity")}),
            Panel("PnL", {"day": of("day_pnl"), "closed {{strategy}}": of("realized_pnl"),
                          "open {{strategy}}": f"sum by (strategy) ({of('unrealized_pnl')})"}),
            Panel("Drawdown", {"{{instance}}": of("drawdown_ratio")}, "percentunit"),
            Panel("Live exposure", {"{{instrument}} {{strategy}} {{side}}": of("exposure")}),
            Panel("How far each limit is", {"{{limit}}": f"{of('limit_value')} / {of('limit_threshold')}"},
                  "percentunit"),
            Panel("Loss budget of the day that is left", {"{{instance}}": of("loss_budget_left_ratio")}, "percentunit"),
            Panel("Open", {"positions {{strategy}}": of("open_positions"), "orders": of("open_orders"),
                           "positions of nobody": of("reduce_only_instruments")}),
            Panel("Switches", {"trading state": of("trading_state"), "rules tripped": of("breaker_tripped"),
                               "losses in a row": of("losses_in_a_row"), "{{strategy}} on": of("strategy_enabled")}),
            Panel("Experiments", {"{{state}}": of("experiments")}),
            Panel("Balances", {"{{currency}}": of("balance")}),
        ],
    ),
    "execution": (
        "SageTrade: execution",
        [
            Panel("Orders a second", {"{{event}}": per_second("order_events_total", "event")}, "ops"),
            Panel("Trades a second", {"{{strategy}} {{outcome}}": per_second("trades_total", "strategy, outcome")},
                  "ops"),
            Panel("Denials a second, by limit", {"{{limit}}": per_second("denials_total", "limit")}, "ops"),
            Panel("Decisions", {"{{verdict}} {{strategy}}": per_second("decisions_total", "verdict, strategy")},
                  "ops"),
            Panel("The venue's answer", quantiles(LATENCY, 0.5, 0.95, 0.99, more=', stage="answer"'), "s"),
            Panel("First fill", quantiles(LATENCY, 0.5, 0.95, 0.99, more=', stage="fill"'), "s"),
            Panel("From making to sending", quantiles(LATENCY, 0.5, 0.99, more=', stage="submit"'), "s"),
            Panel("Orders without an answer", {"{{deed}}": f"sum by (deed) (increase({of('silent_orders_total')}[5m]))",
                                               "reconciled": f"sum(increase({of('reconciled_events_total')}[5m]))"}),
        ],
    ),
    "signals": (
        "SageTrade: signals and text",
        [
            Panel("Composite score", {"{{instrument}}": of("signal_score")}),
            Panel("Confidence", {"{{instrument}}": of("signal_confidence")}, "percentunit"),
            Panel("Age of the signal", {"{{instrument}}": of("signal_age_seconds")}, "s"),
            Panel("Age of the price", {"{{instrument}}": of("price_age_seconds")}, "s"),
            Panel("Price", {"{{instrument}}": of("price")}),
            Panel("Texts a second", {"{{instance}}": per_second("texts_total", "instance")}, "ops"),
            Panel("From publication to score", quantiles("text_lag_seconds", 0.5, 0.95), "s"),
            Panel("Since the last text", {"{{instance}}": of("text_age_seconds")}, "s"),
        ],
    ),
    "system": (
        "SageTrade: system",
        [
            Panel("Answers", {"{{instance}}": 'up{job="sagetrade", instance=~"$instance"}'}, stat=True, width=6),
            Panel("Runs", {"{{run}} {{code}}": of("info")}, stat=True, width=6),
            Panel("Up since", {"": f"{of('started_timestamp_seconds')} * 1000"}, "dateTimeAsIso", stat=True, width=6),
            Panel("Stopping", {"": of("stopping")}, stat=True, width=6, bounds=(1, 1)),
            Panel("Event loop", quantiles("loop_lag_seconds", 0.5, 0.99, 0.999), "s"),
            Panel("Queues", {"{{queue}}": of("queue_depth")}),
            Panel("Clients", {"{{client}}": of("client_connected"),
                              "{{client}} again": f"sum by (client) (increase({of('reconnects_total')}[15m]))"}),
            Panel("Memory", {"{{instance}}": of("process_resident_memory_bytes")}, "bytes"),
            Panel("Processor", {"{{instance}}": f"rate({of('process_cpu_seconds_total')}[1m])"}, "percentunit"),
            Panel("Open files", {"open": of("process_open_fds"), "at most": of("process_max_fds")}),
            Panel("Free disk", {"{{instance}}": of("disk_free_bytes")}, "bytes"),
            Panel("Alerts", {"{{alertname}}": 'ALERTS{alertstate="firing", alertname!="AlertingWorks"}'}),
        ],
    ),
}  # fmt: skip


def dashboard(uid: str) -> dict[str, Any]:
    """Return one dashboard as Grafana reads it."""
    title, panels = BOARDS[uid]
    return {
        "uid": f"sagetrade-{uid}",
        "title": title,
        "tags": ["sagetrade"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "links": [{"type": "dashboards", "tags": ["sagetrade"], "title": "SageTrade", "asDropdown": False}],
        "templating": {"list": [_chooser()]},
        "panels": _placed(panels),
    }


def _chooser() -> dict[str, Any]:
    asked = "label_values(sagetrade_info, instance)"
    return {
        "name": "instance",
        "label": "node",
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "query": {"query": asked, "refId": "nodes"},
        "definition": asked,
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "current": {"text": "All", "value": "$__all"},
    }


def _placed(panels: list[Panel]) -> list[dict[str, Any]]:
    made, x, y, height = [], 0, 0, 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > WIDTH:
            x, y = 0, y + height
        height = STAT_HEIGHT if panel.stat else GRAPH_HEIGHT
        made.append(_panel(number, panel, {"x": x, "y": y, "w": panel.width, "h": height}))
        x += panel.width
    return made


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    steps = [{"color": "green", "value": None}]
    if panel.bounds is not None:
        steps += [
            {"color": colour, "value": bound} for colour, bound in zip(("yellow", "red"), panel.bounds, strict=True)
        ]
    words = [{"type": "value", "options": {key: {"text": word} for key, word in (panel.words or {}).items()}}]
    return {
        "id": number,
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "gridPos": place,
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                "mappings": words if panel.words else [],
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + index), "expr": ask, "legendFormat": legend or "__auto"}
            for index, (legend, ask) in enumerate(panel.asks.items())
        ],
    }


def files() -> dict[Path, str]:
    """Return every dashboard's file and what it holds."""
    return {DASHBOARDS / f"{uid}.json": json.dumps(dashboard(uid), indent=1) + "\n" for uid in BOARDS}


def page(text: str) -> str:
    """Return docs/metrics.md with its table written anew."""
    rows = [
        f"| `{metric.exposed}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.says} |"
        for metric in METRICS
    ]
    table = "\n".join(["| metric | kind | labels | says |", "|---|---|---|---|", *rows])
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{len(BOARDS)} dashboards and docs/{PAGE.name} are written")
