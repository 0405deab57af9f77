"""The programs in examples/, in three languages: what they send counts, what they read is told."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import Worker, await_that, make_settings

from ebbwatch.stack import Stack
from ebbwatch.stack.jars import java, kafka_jars
from streams.broker.message import partition_of

EXAMPLES = Path(__file__).parents[2] / "examples"
KAFKAJS = (
    "kafkajs@2.2.4",
    "j/YeapB1vfPT2iOIUn/vxdyKEuhuY2PxMBvf5JWux6iSaukAccrMtXEY/Lb7OvavDhOWME589bpLrEdnVHjfjA==",
)
CUSTOMERS = ("c-1001", "c-1002", "c-1005")  # in partitions of their own
Command = Sequence[str]


def in_python(program: str) -> Command:
    return sys.executable, str(EXAMPLES / "python" / f"{program}.py")


def in_java(program: str) -> Command:
    name = program.title().replace("_", "")
    jars = f"{kafka_jars()}/*"
    return java(), "-cp", jars, str(EXAMPLES / "java" / f"{name}.java")


def in_node(program: str) -> Command:
    return "node", str(EXAMPLES / "node" / f"{program}.js")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Node's client of Kafka, as its registry's digest says it is."""
    if shutil.which("npm") is None:
        pytest.skip("npm: not installed here")
    folder = tmp_path_factory.mktemp("node")
    (name, digest), modules = KAFKAJS, folder / "node_modules"
    subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True)
    (packed,) = folder.glob("*.tgz")
    assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == digest
    with tarfile.open(packed) as archive:
        archive.extractall(modules, filter="data")
    (modules / "package").rename(modules / "kafkajs")
    return modules


@contextmanager
def reading(command: Command, into: Path, path: str) -> Iterator[None]:
    """Let a program that never ends write what it reads into a file."""
    with into.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, env={**os.environ, "NODE_PATH": path})
        try:
            yield
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("language", [in_python, in_java, in_node])
def test_what_a_program_sends_counts_and_what_it_reads_is_told(
    language: Callable[[str], Command],
    stack: Stack,
    topic_prefix: str,
    tmp_path: Path,
    start: Callable[..., Worker],
    request: pytest.FixtureRequest,
) -> None:
    path = str(request.getfixturevalue("libraries")) if language is in_node else ""
    settings = make_settings(stack, topic_prefix, partitions=4, mode="live")
    assert len({partition_of(name.encode(), 4) for name in CUSTOMERS}) == len(CUSTOMERS)
    for name in CUSTOMERS:
        event = {
            "event_id": f"overdue-{name}",
            "customer_id": name,
            "event_time": datetime.now(UTC).isoformat(),
            "type": "instalment_overdue",
            "instalment_id": "2026-11",
            "days_overdue": 3,
            "amount": 9_900,
            "currency": "USD",
        }
        place = (stack.kafka_bootstrap, settings.interaction_topic)
        command = [*language("send_event"), *place, name, json.dumps(event)]
        subprocess.run(command, check=True, timeout=120, env={**os.environ, "NODE_PATH": path})
    worker, told = start(settings), tmp_path / "told"
    topics = (settings.risk_topic, settings.relationship_topic)
    place = (stack.kafka_bootstrap, f"{topic_prefix}desk", *topics)
    with reading([*language("read_warnings"), *place], told, path):
        await_that("all warnings", lambda: told.read_bytes().count(b"\n") == 3, worker)
    lines = told.read_text(encoding="utf-8").splitlines()
    assert {line.split()[2] for line in lines} == set(CUSTOMERS)
    assert all(re.match(r"(raised|middle|high) overdue ", line) for line in lines), lines
