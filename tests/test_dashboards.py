"""The dashboards of Grafana: provisioned, told apart, and asking for what there is."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from metric_registry import exposed

GRAFANA = Path(__file__).parents[1] / "deploy" / "grafana"
RULES = (GRAFANA.parent / "prometheus" / "rules.yml").read_text()
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def test_there_are_three_and_they_are_told_apart() -> None:
    assert [file.stem for file in FILES] == ["model", "pipeline", "warnings"]
    assert [read(file)["uid"] for file in FILES] == [f"ebbwatch-{file.stem}" for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_panel_asks_the_provisioned_source_for_what_there_is(file: Path) -> None:
    source = (GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text()
    (uid,) = re.findall(r"uid: (\w+)", source)
    panels, recorded = read(file)["panels"], set(re.findall(r"record: (\S+)", RULES))
    assert {panel["datasource"]["uid"] for panel in panels} == {uid}
    assert max(Counter(panel["id"] for panel in panels).values()) == 1
    assert all(panel["title"] and panel["description"] and panel["targets"] for panel in panels)
    for panel in panels:
        for target in panel["targets"]:
            names = set(re.findall(r"[\w:]*ebbwatch_[\w:]+", target["expr"]))
            assert names <= recorded | exposed(), panel["title"]
            assert names or "up{" in target["expr"]


def test_panels_lie_side_by_side() -> None:
    for file in FILES:
        places = [panel["gridPos"] for panel in read(file)["panels"]]
        assert len({(place["x"], place["y"]) for place in places}) == len(places)
        assert all(place["x"] + place["w"] <= 24 for place in places)


def test_compose_hands_grafana_what_provisions_it() -> None:
    compose = (GRAFANA.parents[1] / "docker-compose.yml").read_text()
    provider = (GRAFANA / "provisioning" / "dashboards" / "ebbwatch.yml").read_text()
    (path,) = re.findall(r"path: (\S+)", provider)
    assert f"./deploy/grafana/dashboards:{path}:ro" in compose
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in compose
    assert "\n  prometheus:\n" in compose
