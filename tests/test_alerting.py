"""An alert's whole way: a real Prometheus that scrapes nobody, and a real Alertmanager."""

import re
from pathlib import Path

import pytest
from doc_blocks import ROOT
from harness import await_that, unused_port
from prometheus_server import RULES, Alertmanager, alerted, scraping
from typing_pages import type_it, typed_on, variables

from ebbwatch.stack import Stack

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def firing(alertmanager: Alertmanager) -> dict[str, dict[str, str]]:
    """What fires, by name: where it is routed to, whom it keeps silent, and its link."""
    return {
        alert["labels"]["alertname"]: {
            "receiver": alert["receivers"][0]["name"],
            "state": alert["status"]["state"],
            "link": alert["annotations"]["runbook_url"],
            "labels": " ".join(sorted(alert["labels"])),
        }
        for alert in alertmanager.alerts()
    }


def test_a_worker_that_is_gone_reaches_who_is_on_call_with_a_link(tmp_path: Path) -> None:
    at_once = tmp_path / "rules.yml"  # as they are shipped, but for the patience
    at_once.write_text(re.sub(r"for: \w+", "for: 0s", RULES.read_text()))
    with (
        alerted(tmp_path) as alertmanager,
        scraping(tmp_path, unused_port(), at_once, alertmanager),
    ):
        await_that("the alert", lambda: "EbbwatchNoWorker" in firing(alertmanager))
        told = firing(alertmanager)
    assert told == {
        "EbbwatchNoWorker": {
            "receiver": "on-call",
            "state": "active",
            "link": "https://bank.example/ebbwatch/RUNBOOK.md#ebbwatchnoworker",
            "labels": "alertname severity",
        }
    }


def test_the_page_about_alerts_shows_one_that_fires_and_one_that_ends(
    stack: Stack, topic_prefix: str, tmp_path: Path
) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    few = {"EBBWATCH_PARTITIONS": "4"}
    said = type_it(typed_on("docs/alerts.md"), tmp_path, variables(stack, topic_prefix) | few)
    shown = r"^EbbwatchNoWorker  on-call  https://\S+/RUNBOOK.md#ebbwatchnoworker$"
    assert re.search(shown, said, re.MULTILINE), said
    assert said.splitlines()[-1] == "true"  # of all that fire none is of that name
