"""Typing what the documentation shows, on a real stack whose topics nobody else has."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from doc_blocks import ROOT, blocks
from harness import PATIENCE, unused_port

from ebbwatch.stack import Stack

# Lines about a stack: there is one already.
ELSEWHERE: Final = ("make setup", 'eval "$(ebbwatch stack up)"', "ebbwatch stack down")
PORTS: Final = ("8642", "9090", "9093", "9644")  # that pages speak of: others, where it is typed
TOPICS: Final = (
    *("transaction", "interaction", "outcome", "risk", "relationship"),
    *("case", "score", "assignment", "progress"),
)


def typed_on(page: str) -> str:
    """All that a page has its reader type, in its order, but for what makes the stack."""
    return here("".join(block.text for block in blocks() if block.page == page and not block.kind))


def here(text: str) -> str:
    """What is to be typed, without the lines that set up, start and end a stack."""
    every = text.splitlines()
    kept = [line for line in every if not line.startswith(ELSEWHERE)]
    assert len(every) - len(kept) >= len(ELSEWHERE) - 1  # one does not say `make setup` again
    return "\n".join(kept)


def variables(stack: Stack, prefix: str) -> dict[str, str]:
    """The environment of somebody who has this stack, and who types in the project's folder."""
    own = {f"EBBWATCH_{name.upper()}_TOPIC": prefix + name for name in TOPICS}
    return {
        **os.environ,
        **own,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "EBBWATCH_KAFKA_BOOTSTRAP": stack.kafka_bootstrap,
        "EBBWATCH_REDIS_URL": stack.redis_url,
        "EBBWATCH_REDIS_PREFIX": prefix.strip("."),
        "EBBWATCH_GROUP": f"{prefix}group",
        "COLUMNS": "200",
    }


def type_it(script: str, folder: Path, environment: Mapping[str, str]) -> str:
    """What is said when it is typed; whatever it leaves running ends with it.

    Raises:
        AssertionError: a command failed.
    """
    whole = f"trap 'kill $(jobs -p) 2>/dev/null' EXIT\n{script}"
    ports = {told: str(unused_port()) for told in PORTS}
    for told, free in ports.items():
        whole = whole.replace(f":{told}", f":{free}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", whole],
        cwd=folder,
        env={
            **environment,
            "EBBWATCH_SERVE_PORT": ports["8642"],
            "EBBWATCH_METRICS_PORT": ports["9644"],
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4_000:]}\n{done.stderr[-4_000:]}"
    return done.stdout
