import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from metric_registry import exposed

from streams.store.health import FULL
from streams.tools.doctor.files import OLD

ROOT = Path(__file__).parents[1]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = (PROMETHEUS / "rules.yml").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()


@pytest.fixture
def promtool() -> str:
    path = shutil.which("promtool")
    assert path, "promtool: not found on PATH; install it: apt-get install prometheus"
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("check", "rules", "--lint-fatal", "rules.yml"),
        pytest.param(("test", "rules", "rules_test.yml"), marks=pytest.mark.slow),
        ("test", "rules", "rules_test_days.yml"),
        ("test", "rules", "rules_test_months.yml"),
    ],
    ids=" ".join,
)
def test_promtool_is_content(promtool: str, command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [promtool, *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_in_the_rules_is_exposed_by_a_worker_or_the_desk() -> None:
    asked = set(re.findall(r"(?<![\w:])ebbwatch_\w+", RULES))
    assert asked
    assert asked <= exposed()


def test_every_level_in_the_alerts_is_recorded() -> None:
    levels = set(re.findall(r"\w+:ebbwatch_\w+:\w+", RULES))
    assert levels == set(re.findall(r"record: (\S+)", RULES))


def test_every_alert_has_severity_summary_runbook_and_a_test() -> None:
    runbook = (PROMETHEUS / "RUNBOOK.md").read_text()
    tested = "".join(file.read_text() for file in PROMETHEUS.glob("rules_test*.yml"))
    for block in RULES.split("- alert: ")[1:]:
        name = block.split("\n", 1)[0]
        assert re.search(r"severity: (warning|critical) ", block), name
        assert "summary: " in block, name
        link = f"{{{{ $externalLabels.runbooks }}}}/RUNBOOK.md#{name.lower()}"
        assert f'runbook_url: "{link}"\n' in block
        assert f"\n## {name}\n" in runbook
        assert f"alertname: {name}\n" in tested


def test_alerts_and_doctor_draw_the_same_lines() -> None:
    assert f"> {OLD} * 86400\n" in RULES
    assert f"of the last {OLD} days" in RULES
    assert f"job:ebbwatch_redis_memory:ratio > {FULL}\n" in RULES


def test_every_image_is_pinned_and_kafka_is_the_embedded_one() -> None:
    images = dict(re.findall(r"image: ([\w/]+):(\S+)", COMPOSE))
    assert len(images) == COMPOSE.count("image: ")
    assert all(re.fullmatch(r"v?\d+\.\d+\.\d+(-\w+)?", tag) for tag in images.values()), images
    assert (
        f"<version>{images['apache/kafka']}</version>"
        in (ROOT / "ebbwatch" / "stack" / "pom.xml").read_text()
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert images["ebbwatch"] == project["version"]


def test_only_loopback_is_published() -> None:
    published = re.findall(r"ports: \[(.*)\]", COMPOSE)
    assert len(published) == COMPOSE.count("ports:")
    assert all(port.startswith('"127.0.0.1:') for port in published)


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_compose_accepts_its_file() -> None:
    if not _runs("docker", "compose", "version"):
        pytest.skip("docker compose is not installed")
    assert _runs("docker", "compose", "config", "--quiet")


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-modelling.txt",
        "requirements-serve.txt",
        "requirements-tracing.txt",
        "requirements-dev.txt",
    ],
)
def test_requirements_are_hashed_and_name_no_index_or_path(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[\w.-]+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)*", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE))
    assert all("--hash" in pin for pin in pins)
    assert not re.search(r"^-|://|/(?:root|home|tmp)/", text, re.MULTILINE)


def _locked(name: str) -> dict[str, str]:
    """Package and version of every pin; of several for several Pythons, the last."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=~[]", line)[0] for line in requirements}


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert _names(project["dependencies"]) <= set(_locked("requirements.txt"))
    extra = _names(project["optional-dependencies"]["modelling"])
    assert extra <= set(_locked("requirements-modelling.txt"))
    assert _names(project["optional-dependencies"]["serve"]) <= set(
        _locked("requirements-serve.txt")
    )
    assert _names(project["optional-dependencies"]["tracing"]) <= set(
        _locked("requirements-tracing.txt")
    )
    every = {name for names in project["optional-dependencies"].values() for name in _names(names)}
    assert every <= set(_locked("requirements-dev.txt"))


def test_a_worker_s_environment_is_part_of_the_modeller_s_and_that_of_the_developer_s() -> None:
    worker, modeller, developer = (
        _locked(f"requirements{name}.txt").items() for name in ("", "-modelling", "-dev")
    )
    assert worker < modeller < developer
    assert worker < _locked("requirements-serve.txt").items() < developer
    assert worker < _locked("requirements-tracing.txt").items() < developer
    assert not dict(worker).keys() & {"polars", "matplotlib", "jinja2"}


def test_the_image_can_be_built_from_either() -> None:
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    names = ("", "-modelling", "-serve", "-tracing")
    assert {f"!requirements{name}.txt" for name in names} <= set(sent)
    assert "ARG REQUIREMENTS=requirements.txt\n" in (ROOT / "Dockerfile").read_text()
