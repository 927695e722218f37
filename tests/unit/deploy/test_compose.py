"""The image and the services of one machine: pinned, not root, read-only, no secret in sight, nothing missing."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagetrade_nautilus.config import load
from sagetrade_nautilus.secrets import FILE_SUFFIX, KNOWN
from tests.support.checkout import ROOT
from tests.support.sagetool import parse

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("sagetrade")}
PROFILES = {"demo", "paper", "live", "ingest", "ops"}
WRITES_ITS_ROOT = {"elasticsearch", "kibana", "kibana-setup"}
"""Images that cannot run with a root that is only read."""
each = pytest.mark.parametrize("name", sorted(SERVICES))
ours = pytest.mark.parametrize("name", sorted(OURS))


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_runs_as_nobody_special_and_copies_what_is_there() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "USER 10001:10001" in text
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_image_asks_for_a_python_that_the_project_takes() -> None:
    python = re.search(r"python:(\d+\.\d+)\.\d+-slim", (ROOT / "deploy" / "Dockerfile").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert python is not None
    assert f"Python :: {python[1]}" in " ".join(project["classifiers"])


def test_every_profile_has_its_services() -> None:
    found = {profile for service in SERVICES.values() for profile in service["profiles"]}
    assert found == PROFILES
    assert {"prometheus", "alertmanager", "grafana", "elasticsearch", "kibana", "filebeat"} <= {
        name for name, service in SERVICES.items() if service["profiles"] == ["ops"]
    }


@each
def test_a_service_is_pinned_and_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":v?\d+\.\d+\.\d+", service["image"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert service.get("read_only") is True or name in WRITES_ITS_ROOT
    assert not service.get("privileged")
    assert "docker.sock" not in str(service.get("volumes"))


@each
def test_a_service_is_reached_from_this_machine_alone(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@each
def test_whatever_a_service_names_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], source
    for other in service.get("depends_on", {}):
        assert set(service["profiles"]) <= set(SERVICES[other]["profiles"])


@each
def test_no_secret_stands_in_a_service_only_the_name_of_its_file(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    for key, value in environment.items():
        if re.search(r"PASSWORD|TOKEN|KEY|SECRET(?!S)", key) and "_ENABLED" not in key:
            assert key.endswith("FILE"), key
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]


def test_every_file_with_a_secret_is_named_with_whose_it_is_and_who_shares_it_reads_by_one_group() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = [row for row in page.splitlines() if row.startswith("| `")]
    for name in COMPOSE["secrets"]:
        row = next(row for row in rows if f"`{name}`" in row)
        readers = {str(service["user"]) for service in OURS.values() if name in service.get("secrets", ())}
        assert ("`root:10001`, `440`" in row) == bool(readers)
    assert SERVICES["redis"]["user"].endswith(":10001")


@ours
def test_our_services_run_commands_that_exist_with_files_that_are_there(name: str) -> None:
    service = OURS[name]
    parse([str(word) for word in service["command"]])
    assert service["user"] == "10001:10001"
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in service["volumes"]}
    for word in service["command"]:
        if str(word).endswith(".toml"):
            path = mounted.get(f"/srv/sagetrade/{word}", str(word))
            load(ROOT / path)
    keys = {key.removesuffix(FILE_SUFFIX) for key in service["environment"]} - {"SAGETRADE_LOGS"}
    assert keys <= set(KNOWN)


@pytest.mark.parametrize("name", ["paper", "live"])
def test_a_node_is_asked_where_it_answers_and_has_time_to_wind_down(name: str) -> None:
    service = SERVICES[name]
    config = load(ROOT / "deploy" / "compose" / f"{name}.toml")
    assert config.ops.enabled
    assert f":{config.ops.port}/health/live" in service["healthcheck"]["test"][-1]
    assert int(service["stop_grace_period"].removesuffix("s")) > config.node.stop_timeout_s + 20.0
    assert "data" in service["networks"]
    targets = yaml.safe_load((ROOT / "deploy" / "prometheus" / "targets" / "nodes.yml").read_text())
    assert [f"paper:{config.ops.port}"] == targets[0]["targets"]


@pytest.mark.parametrize("name", ["paper", "live"])
def test_a_node_hears_the_texts_that_are_fetched_and_leaves_scoring_to_the_worker(name: str) -> None:
    messaging = load(ROOT / "deploy" / "compose" / f"{name}.toml").messaging
    fetched = load(ROOT / "deploy" / "compose" / "ingest.toml").messaging
    assert messaging.scoring == "workers"
    assert SERVICES["score"]["profiles"] == SERVICES["ingest"]["profiles"]
    wanted = (fetched.backend, fetched.host, fetched.port, fetched.namespace)
    assert (messaging.backend, messaging.host, messaging.port, messaging.namespace) == wanted


def test_the_watchdog_of_a_node_with_money_asks_the_account_with_money() -> None:
    command = SERVICES["live-watchdog"]["command"]
    assert command[command.index("--broker") :] == ["--broker", "alpaca", "--account", "live"]


def test_redis_keeps_what_it_is_told() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass" in command


def test_filebeat_reads_where_the_log_and_the_journals_are_written() -> None:
    beat = yaml.safe_load((ROOT / "deploy" / "elk" / "filebeat.yml").read_text())
    paths = [path for entry in beat["filebeat.inputs"] for path in entry["paths"]]
    mounted = {volume.split(":")[1] for volume in SERVICES["filebeat"]["volumes"]}
    assert all(any(path.startswith(f"{folder}/") for folder in (*mounted, "/journals")) for path in paths)
    assert SERVICES["paper"]["environment"]["SAGETRADE_LOGS"] == "/var/log/sagetrade"


def test_the_set_up_of_kibana_is_a_script_that_a_shell_takes() -> None:
    done = subprocess.run(["sh", "-n", ROOT / "deploy" / "elk" / "setup.sh"], capture_output=True, check=False)
    assert done.returncode == 0
