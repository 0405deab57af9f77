"""The README's tour, typed as it stands there: a warning is seen, acknowledged and cleared."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from harness import PATIENCE

from ebbwatch.stack import Stack

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
ELSEWHERE = ("make setup", 'eval "$(ebbwatch stack up)"', "ebbwatch stack down")  # this stack
TOPICS = (
    "transaction",
    "interaction",
    "outcome",
    "risk",
    "relationship",
    "case",
    "score",
    "assignment",
)


def tour() -> list[str]:
    (block,) = re.findall(
        r"^## Five minutes with your own events\n\n```\n(.*?)^```", README, re.DOTALL | re.MULTILINE
    )
    lines = str(block).splitlines()
    kept = [line for line in lines if not line.startswith(ELSEWHERE)]
    assert len(lines) - len(kept) == len(ELSEWHERE)
    return kept


@pytest.mark.integration
def test_the_tour_ends_with_a_warning_seen_acknowledged_and_cleared(
    stack: Stack, topic_prefix: str, tmp_path: Path
) -> None:
    own = {f"EBBWATCH_{name.upper()}_TOPIC": topic_prefix + name for name in (*TOPICS, "progress")}
    variables = {
        **os.environ,
        **own,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "EBBWATCH_KAFKA_BOOTSTRAP": stack.kafka_bootstrap,
        "EBBWATCH_REDIS_URL": stack.redis_url,
        "EBBWATCH_REDIS_PREFIX": topic_prefix.strip("."),
        "EBBWATCH_GROUP": f"{topic_prefix}group",
        "EBBWATCH_METRICS_PORT": "0",
        "COLUMNS": "200",
    }
    script = "\n".join(["trap 'kill $(jobs -p) 2>/dev/null' EXIT", *tour()])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    said = done.stdout
    seen = re.search(
        r"1 open\n.*MIDDLE dissatisfaction  c-1001 .*\n +Call the customer .*\n +(\S+)", said
    )
    assert seen is not None, said
    assert seen.group(1).endswith(".dissatisfaction.1")
    order = ["MIDDLE dissatisfaction", "c-1001: acknowledged", "c-1001: retained", "acknowledged"]
    places = [said.index(order[0])]
    for words in order[1:]:
        places.append(said.index(words, places[-1] + 1))
    assert re.search(r"dissatisfaction +middle +100\.0%", said[places[-1] :])
