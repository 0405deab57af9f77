"""A real Prometheus on a free port that scrapes one worker and evaluates the rules."""

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

RULES: Final = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yml"
CONFIG: Final = """\
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [{rules}]
scrape_configs:
  - job_name: ebbwatch
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
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


@contextmanager
def scraping(folder: Path, worker_port: int) -> Iterator[Prometheus]:
    """One that has scraped and evaluated some times."""
    program = shutil.which("prometheus")
    assert program, "prometheus: not found on PATH; install it: apt-get install prometheus"
    config, port = folder / "prometheus.yml", unused_port()
    config.write_text(CONFIG.format(rules=RULES, port=worker_port))
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        found = Prometheus(port)
        await_that("recorded rules", lambda: _has_evaluated(found))
        yield found
    finally:
        process.terminate()
        process.wait()


def _has_evaluated(found: Prometheus) -> bool:
    with suppress(OSError):
        (seen,) = found.ask("count_over_time(up[1h])") or [None]
        return seen is not None and int(seen["value"][1]) > 4  # so that rules read their rates
    return False
