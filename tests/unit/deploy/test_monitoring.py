"""Rules, dashboards and the page of metrics name what a node tells; real promtool and amtool take them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sagetrade_nautilus.ops.catalogue import METRICS, PREFIX
from tests.support.checkout import ROOT, script
from tests.support.monitoring import RULES, rendered

RULE_TESTS = ROOT / "deploy" / "prometheus" / "tests" / "sagetrade_test.yml"
PROCESS = frozenset(
    f"{PREFIX}process_{name}"
    for name in ("resident_memory_bytes", "cpu_seconds_total", "start_time_seconds", "open_fds", "max_fds")
)
EXPOSED = PROCESS | {
    name
    for metric in METRICS
    for name in (
        [metric.exposed]
        if metric.kind != "histogram"
        else [f"{metric.exposed}_{part}" for part in ("bucket", "sum", "count")]
    )
}


def alerts() -> list[dict[str, str]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def named(text: str) -> set[str]:
    return set(re.findall(rf"\b{PREFIX}\w+", text))


def tool(*command: str) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}: `apt-get install prometheus prometheus-alertmanager`")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_is_told_is_tested_and_has_a_runbook(rule: dict[str, str]) -> None:
    assert named(str(rule["expr"])) <= EXPOSED
    assert rule["alert"] in RULE_TESTS.read_text()
    headings = re.findall(r"^### (\w+)$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert rule["alert"] in headings
    assert rule["annotations"]["runbook"] == f"operations.html#{rule['alert'].lower()}"  # type: ignore[index]


def test_every_runbook_is_of_an_alert() -> None:
    page = (ROOT / "docs" / "operations.md").read_text().partition("\n## Every alert\n")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == [rule["alert"] for rule in alerts()]


def test_promtool_takes_the_rules_and_their_tests() -> None:
    tool("promtool", "check", "rules", str(RULES))
    tool("promtool", "test", "rules", str(RULE_TESTS))


def test_promtool_takes_the_configuration() -> None:
    tool("promtool", "check", "config", "--syntax-only", str(ROOT / "deploy" / "prometheus" / "prometheus.yml"))


def test_amtool_takes_the_routes_to_telegram(tmp_path: Path) -> None:
    """Debian's Alertmanager is older than files with tokens, so the token stands in the checked text."""
    tool("amtool", "check-config", str(rendered(tmp_path / "alertmanager.yml", "1:a")))


def test_every_panel_asks_for_what_is_told() -> None:
    boards = list((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
    assert {board.stem for board in boards} == {"overview", "execution", "signals", "system"}
    for board in boards:
        assert named(board.read_text()) <= EXPOSED


def test_prometheus_understands_what_every_panel_asks(tmp_path: Path) -> None:
    asks = [
        target["expr"].replace("$instance", ".*")
        for board in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")
        for panel in json.loads(board.read_text())["panels"]
        for target in panel["targets"]
    ]
    rules = [{"record": f"panel:{number}", "expr": ask} for number, ask in enumerate(asks)]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    tool("promtool", "check", "rules", str(tmp_path / "panels.yml"))


def test_the_overview_shows_what_must_be_seen() -> None:
    board = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "overview.json").read_text())
    assert {"PnL", "Drawdown", "Live exposure", "Active experiments"} <= {panel["title"] for panel in board["panels"]}


def test_every_metric_is_on_a_dashboard() -> None:
    text = "".join(board.read_text() for board in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
    assert {
        metric.exposed for metric in METRICS if not any(name.startswith(metric.exposed) for name in named(text))
    } == set()


def test_dashboards_and_the_page_of_metrics_are_what_the_script_writes() -> None:
    writer = script("write_dashboards")
    for path, text in writer.files().items():
        assert path.read_text(encoding="utf-8") == text, "run scripts/write_dashboards.py"
    committed = writer.PAGE.read_text(encoding="utf-8")
    assert writer.page(committed) == committed, "run scripts/write_dashboards.py"
