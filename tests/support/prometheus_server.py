"""A real Prometheus that scrapes one worker and evaluates the rules, and a real Alertmanager."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from harness import await_that, unused_port

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
RULES: Final = DEPLOY / "prometheus" / "rules.yml"
CONFIG: Final = """\
global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels: {{ runbooks: "https://bank.example/ebbwatch" }}
rule_files: [{rules}]
scrape_configs:
  - job_name: ebbwatch
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
alerting:
  alert_relabel_configs: [{{ regex: runbooks, action: labeldrop }}]
  alertmanagers:
    - static_configs: [{{ targets: [{alertmanager}] }}]
"""


class Prometheus:
    """Answers queries."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, query: str) -> list[Any]:
        """The samples of a query."""
        asked = urlencode({"query": query})
        with urlopen(f"http://127.0.0.1:{self._port}/api/v1/query?{asked}") as answer:
            told = json.load(answer)
        assert told["status"] == "success", told
        found: list[Any] = told["data"]["result"]
        return found


class Alertmanager:
    """Tells what it was told."""

    def __init__(self, port: int) -> None:
        self.port = port

    def alerts(self) -> list[Any]:
        """What fires, with the receivers it is routed to; none while it starts."""
        with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts") as answer:
            found: list[Any] = json.load(answer)
            return found
        return []


@contextmanager
def scraping(
    folder: Path, worker_port: int, rules: Path = RULES, alertmanager: Alertmanager | None = None
) -> Iterator[Prometheus]:
    """One that has scraped and evaluated some times."""
    config, port = folder / "prometheus.yml", unused_port()
    told = "" if alertmanager is None else f'"127.0.0.1:{alertmanager.port}"'
    config.write_text(CONFIG.format(rules=rules, port=worker_port, alertmanager=told))
    options = (
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",  # a first one comes before Alertmanagers are known
    )
    with _running("prometheus", folder, *options):
        found = Prometheus(port)
        await_that("recorded rules", lambda: _has_evaluated(found))
        yield found


@contextmanager
def alerted(folder: Path) -> Iterator[Alertmanager]:
    """One with the routes that are shipped."""
    port = unused_port()
    options = (
        f"--config.file={DEPLOY / 'alertmanager' / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alerts'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    with _running("prometheus-alertmanager", folder, *options):
        yield Alertmanager(port)


@contextmanager
def _running(program: str, folder: Path, *options: str) -> Iterator[None]:
    found = shutil.which(program)
    assert found, f"{program}: not found on PATH; install it: apt-get install {program}"
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen([found, *options], stdout=log, stderr=log, cwd=folder)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _has_evaluated(found: Prometheus) -> bool:
    with suppress(OSError):
        (seen,) = found.ask("count_over_time(up[1h])") or [None]
        return seen is not None and int(seen["value"][1]) > 4  # so that rules read their rates
    return False
