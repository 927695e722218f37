"""The manifests: valid for Kubernetes, hardened, one trader alone, no secret in sight."""

import functools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from sagetrade_nautilus.config import load
from tests.support.checkout import ROOT
from tests.support.sagetool import parse

K8S = ROOT / "deploy" / "k8s"
VERSION = "1.32"
OVERLAYS = ("paper", "live", "sweeps")
CUSTOM = {"RayCluster"}
PLACES = {"Deployment", "StatefulSet"}
each = pytest.mark.parametrize("overlay", OVERLAYS)
traders = pytest.mark.parametrize("overlay", ["paper", "live"])


@functools.cache
def documents(overlay: str) -> list[dict[str, Any]]:
    """Return an overlay as kustomize renders it."""
    if shutil.which("kubectl") is None:
        pytest.skip("needs kubectl: your system's package of it, or https://kubernetes.io/docs/tasks/tools/")
    done = subprocess.run(["kubectl", "kustomize", K8S / overlay], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """Return the specification of every pod by the name of what makes it."""
    found: dict[str, dict[str, Any]] = {}
    for document in documents(overlay):
        name = document["metadata"]["name"]
        if document["kind"] in PLACES:
            found[name] = document["spec"]["template"]["spec"]
        if document["kind"] == "RayCluster":
            found[f"{name}-head"] = document["spec"]["headGroupSpec"]["template"]["spec"]
            found |= {
                f"{name}-{group['groupName']}": group["template"]["spec"]
                for group in document["spec"]["workerGroupSpecs"]
            }
    assert found
    return found


def one(overlay: str, kind: str, name: str) -> dict[str, Any]:
    return next(item for item in documents(overlay) if (item["kind"], item["metadata"]["name"]) == (kind, name))


@pytest.mark.parametrize("path", sorted(K8S.rglob("*.yaml")), ids=lambda path: str(path.relative_to(K8S)))
def test_every_file_is_yaml_and_every_whole_resource_valid(path: Path) -> None:
    for document in yaml.safe_load_all(path.read_text()):
        is_patch = path.parent.name == "live" and path.name != "kustomization.yaml"
        if document["kind"] not in {"Kustomization", *CUSTOM} and not is_patch:
            kubernetes_validate.validate(document, VERSION, strict=True)


@each
def test_what_is_applied_is_valid(overlay: str) -> None:
    for document in documents(overlay):
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, VERSION, strict=True)


@each
def test_every_pod_meets_the_restricted_standard(overlay: str) -> None:
    for name, pod in pods(overlay).items():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context.get("readOnlyRootFilesystem") is True or "ray" in container["name"]
            assert "memory" in container["resources"]["limits"]
            assert not container["image"].endswith(":latest")
            assert ":" in container["image"]
    namespace = next(item for item in documents(overlay) if item["kind"] == "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@each
def test_nobody_gets_a_token_that_does_not_need_one(overlay: str) -> None:
    for name, pod in pods(overlay).items():
        if name != "trader":
            assert pod["automountServiceAccountToken"] is False


@each
def test_secrets_are_named_and_for_their_owner_alone(overlay: str) -> None:
    assert not [item for item in documents(overlay) if item["kind"] == "Secret"]
    for pod in pods(overlay).values():
        for volume in pod["volumes"]:
            if "secret" in volume:
                assert volume["secret"]["defaultMode"] == 0o400
        for container in pod["containers"]:
            for variable in container.get("env", []):
                secret = any(word in variable["name"] for word in ("PASSWORD", "KEY", "TOKEN", "SECRET"))
                assert not secret or variable["name"].endswith("_FILE")


@each
def test_nobody_talks_to_anybody_unless_it_is_said(overlay: str) -> None:
    closed = [
        item
        for item in documents(overlay)
        if item["kind"] == "NetworkPolicy"
        and item["spec"]["podSelector"] == {}
        and sorted(item["spec"]["policyTypes"]) == ["Egress", "Ingress"]
    ]
    assert closed
    assert all(rule != {} for item in closed for rule in item["spec"].get("ingress", []))


@traders
def test_there_is_one_trader_that_holds_a_lease_and_a_volume_of_its_own(overlay: str) -> None:
    trader = one(overlay, "StatefulSet", "trader")
    assert trader["spec"]["replicas"] == 1
    assert trader["spec"]["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOncePod"]
    command = trader["spec"]["template"]["spec"]["containers"][0]["args"]
    assert command[:4] == ["lease", "run", "--name", "trader"]
    assert command[5:7] == ["sagetool", overlay]
    scaled = [item["spec"]["scaleTargetRef"]["name"] for item in documents(overlay) if "Autoscaler" in item["kind"]]
    assert scaled == ["score"], "nothing but the workers of texts grows by itself"
    assert one(overlay, "PodDisruptionBudget", "trader")["spec"]["maxUnavailable"] == 0
    rules = one(overlay, "Role", "trader-lease")["rules"]
    assert rules == [
        {
            "apiGroups": ["coordination.k8s.io"],
            "resourceNames": ["trader"],
            "resources": ["leases"],
            "verbs": ["get", "update"],
        }
    ]


@traders
def test_containers_of_ours_run_commands_that_exist(overlay: str) -> None:
    for pod in pods(overlay).values():
        for container in pod["containers"]:
            if container["image"].startswith("sagetrade:"):
                words = [str(word) for word in container["args"]]
                parse(words)
                if "--" in words:
                    parse(words[words.index("--") + 2 :])


@traders
def test_a_trader_is_asked_where_it_answers_and_has_time_to_wind_down(overlay: str) -> None:
    config = load(K8S / overlay / "run.toml")
    pod = pods(overlay)["trader"]
    container = pod["containers"][0]
    assert config.ops.enabled
    assert container["ports"] == [{"name": "ops", "containerPort": config.ops.port}]
    paths = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert paths == {"/health/startup", "/health/live", "/health/ready"}
    assert pod["terminationGracePeriodSeconds"] > config.node.stop_timeout_s + 20.0


def test_the_watchdog_of_a_trader_with_money_asks_the_account_with_money() -> None:
    dogs = [one for one in pods("live")["trader"]["containers"] if one["name"] == "watchdog"]
    assert [dog["args"][-4:] for dog in dogs] == [["--broker", "alpaca", "--account", "live"]]


def test_the_runs_of_the_cluster_are_those_of_the_machine() -> None:
    compose = ROOT / "deploy" / "compose"
    pairs = {"paper/run.toml": "paper", "live/run.toml": "live", "base/ingest.toml": "ingest"}
    for there, here in pairs.items():
        assert (K8S / there).read_text() == (compose / f"{here}.toml").read_text()
