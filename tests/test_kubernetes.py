"""deploy/kubernetes: valid by published schemas, hardened, its commands and names the program's."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ebbwatch.cli.reference.page import leaves
from ebbwatch.serve.settings import ServeSettings
from streams.config import Settings

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "kubernetes"
DOCS = ROOT / "docs"
VERSION = "1.34"
BY_KEDA = """
const { ScaledObject } = require("@kubernetes-models/keda/keda.sh/v1alpha1");
new ScaledObject(JSON.parse(require("fs").readFileSync(0, "utf8"))).validate();
"""
Resource = dict[str, Any]


def resources() -> list[Resource]:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    assert set(listed) == {file.name for file in FOLDER.iterdir()} - {"kustomization.yaml"}
    texts = ((FOLDER / name).read_text() for name in listed)
    return [each for text in texts for each in yaml.safe_load_all(text)]


ALL = resources()
OWN = [each for each in ALL if not each["apiVersion"].startswith("keda.sh")]
PODS = {each["metadata"]["name"]: each for each in ALL if "template" in each["spec"]}


def container(name: str) -> Resource:
    (only,) = PODS[name]["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def environment(name: str) -> dict[str, str]:
    generated = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["configMapGenerator"]
    given = dict(each.split("=", 1) for each in generated[0]["literals"])
    return given | {each["name"]: each["value"] for each in container(name).get("env", ())}


def named(resource: Resource) -> str:
    return f"{resource['kind']} {resource['metadata']['name']}"


@pytest.mark.parametrize("resource", OWN, ids=named)
def test_a_resource_is_what_its_published_schema_says(resource: Resource) -> None:
    kubernetes_validate.validate(resource, VERSION, strict=True)


@pytest.mark.parametrize(("key", "value"), [("replicaz", 2), ("replicas", "two")])
def test_a_slip_is_refused(key: str, value: Any) -> None:
    wrong = json.loads(json.dumps(PODS["ebbwatch-worker"]))
    wrong["spec"][key] = value
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def refused_by_keda(scaler: Resource) -> str:
    """What KEDA's definition has against it; nothing where it is well."""
    done = subprocess.run(
        ["node", "-e", BY_KEDA],
        cwd=ROOT / ".cache" / "keda",
        input=json.dumps(scaler),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


@pytest.mark.keda
def test_the_scaler_is_what_keda_s_published_definition_says() -> None:
    (scaler,) = [each for each in ALL if each not in OWN]
    assert refused_by_keda(scaler) == ""
    slips: tuple[Resource, ...] = (
        {"maxReplicaCount": "two"},
        {"scaleTargetRef": {"nam": "ebbwatch-worker"}},
        {"triggers": [{"type": "kafka"}]},
        {"triggers": [{"type": "kafka", "metadata": {"lagThreshold": 100_000}}]},
        {"advanced": {"horizontalPodAutoscalerConfig": {"behavior": {"scaleUp": 60}}}},
    )
    for slip in slips:
        wrong = {**scaler, "spec": {**scaler["spec"], **slip}}
        assert f"spec/{next(iter(slip))}" in refused_by_keda(wrong), slip


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl: not installed here")
def test_kustomize_makes_one_of_it() -> None:
    made = subprocess.run(["kubectl", "kustomize", FOLDER], capture_output=True, check=True)
    built = list(yaml.safe_load_all(made.stdout))
    assert {named(each) for each in ALL} < {named(each) for each in built}
    assert {each["metadata"]["namespace"] for each in built} == {"ebbwatch"}
    for resource in built:
        if not resource["apiVersion"].startswith("keda.sh"):
            kubernetes_validate.validate(resource, VERSION, strict=True)


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_no_more_than_it_needs(name: str) -> None:
    pod, own = PODS[name]["spec"]["template"]["spec"], container(name)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert own["resources"].keys() == {"requests", "limits"}
    mounted = {each["name"] for each in own["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}


@pytest.mark.parametrize("name", PODS)
def test_a_pod_s_command_and_settings_are_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, commands = list(container(name)["args"]), dict(leaves())
    known = next(each for each in commands if words[: len(each.split())] == each.split())
    commands[known].make_context(known, words[len(known.split()) :])
    (tmp_path / "ebbwatch_redis_url").write_text("redis://one:secret@redis:6379/0\n")
    given = environment(name)
    for key, value in given.items():
        monkeypatch.setenv(key, value.replace("/run/secrets/ebbwatch", str(tmp_path)))
    assert {key.removeprefix("EBBWATCH_").lower() for key in given} <= {
        *Settings.model_fields,
        "secrets_dir",
        *(f"serve_{field}" for field in ServeSettings.model_fields),
    }
    settings = Settings()
    assert (settings.kafka_bootstrap, settings.partitions) == ("kafka:9092", 64)
    if name in {"ebbwatch-worker", "ebbwatch-serve"}:
        assert settings.redis_url.get_secret_value() == "redis://one:secret@redis:6379/0"
    if name == "ebbwatch-serve":
        port = container(name)["ports"][0]["containerPort"]
        assert ServeSettings().port == port


@pytest.mark.parametrize("name", PODS)
def test_every_pod_can_log_in_to_a_kafka_that_asks_who_it_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PODS[name]["spec"]["template"]["spec"]["securityContext"]["fsGroup"] == 10001
    secrets = environment(name)["EBBWATCH_SECRETS_DIR"]
    (mount,) = [each for each in container(name)["volumeMounts"] if each["mountPath"] == secrets]
    volumes = {each["name"]: each for each in PODS[name]["spec"]["template"]["spec"]["volumes"]}
    assert volumes[mount["name"]]["secret"]["secretName"] in (DOCS / "kubernetes.md").read_text()
    for key, value in (("username", name), ("password", "letmein")):
        (tmp_path / f"ebbwatch_kafka_{key}").write_text(f"{value}\n")
    monkeypatch.setenv("EBBWATCH_SECRETS_DIR", str(tmp_path))
    settings = Settings()
    assert settings.kafka_username == name
    assert settings.kafka_password is not None
    assert settings.kafka_password.get_secret_value() == "letmein"


def probes(name: str) -> Iterator[Resource]:
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        if kind in container(name):
            yield container(name)[kind]["httpGet"]


def test_probes_ask_where_somebody_answers() -> None:
    assert {each["path"] for each in probes("ebbwatch-worker")} == {"/livez", "/readyz"}
    assert {each["path"] for each in probes("ebbwatch-desk")} == {"/metrics"}
    assert {each["path"] for each in probes("ebbwatch-serve")} == {"/livez", "/readyz"}
    # By its address the page does not know itself, and refuses (DNS rebinding).
    host = {"name": "Host", "value": "localhost"}
    assert all(each["httpHeaders"] == [host] for each in probes("ebbwatch-serve"))
    assert "localhost" in ServeSettings(without_login=True).names
    for pod in PODS:
        ports = {each["name"] for each in container(pod).get("ports", ())}
        assert {each["port"] for each in probes(pod)} == ports


def test_the_scaler_counts_what_workers_read_and_stays_below_the_partitions() -> None:
    (scaler,) = (each["spec"] for each in ALL if each["kind"] == "ScaledObject")
    settings = Settings(partitions=int(environment("ebbwatch-worker")["EBBWATCH_PARTITIONS"]))
    asked = [each["metadata"] for each in scaler["triggers"]]
    assert {each["topic"] for each in asked} <= set(settings.input_topics)
    assert {each["consumerGroup"] for each in asked} == {settings.group}
    assert scaler["scaleTargetRef"]["name"] in PODS
    assert scaler["minReplicaCount"] <= scaler["maxReplicaCount"] <= settings.partitions


def test_selectors_find_their_pods() -> None:
    labels = {pod: PODS[pod]["spec"]["template"].get("metadata", {}).get("labels") for pod in PODS}
    for resource in ALL:
        if resource["kind"] in {"PodDisruptionBudget", "Service"}:
            selector = resource["spec"]["selector"]
            assert selector.get("matchLabels", selector) == labels[resource["metadata"]["name"]]
