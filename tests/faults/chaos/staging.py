"""Setting a scene: topics, lives, parameters, and a network where the fault is about one."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from harness import PLAIN_WORKER, Worker, make_settings
from judge.laws import Law
from pydantic import SecretStr
from redis_groups import Group, start_cluster, start_guarded
from redis_servers import own_redis
from traces import as_messages, write

from chaos.brokers import COUNT, three_brokers
from chaos.customers import lives, lives_until, purchases_later, purchases_now
from chaos.fault import Fault
from chaos.feeder import Feeder
from chaos.proxy import Proxy
from chaos.scene import Scene
from ebbwatch.stack import Stack, kafka_server, kill_kafka, start_kafka
from streams.config import Settings
from streams.parameters.file import read_document, write_document

CUSTOMERS, PARTITIONS = 1_000, 4
WINDOW = 1_200.0  # seconds in which silences come of age, one after another, where it is live
SMALL = {"batch_records": 200, "inbox_records": 2_000, "fetch_bytes": 65_536}
ODD_CLOCK = (str(Path(__file__).with_name("odd_clock.py")),)
_NUMBERS = count(1)


@contextmanager
def staged(fault: Fault, stack: Stack, start: Callable[..., Worker], seed: int) -> Iterator[Scene]:
    """Everything ready for the workers to begin; arguments as of `run`."""
    with ExitStack() as things:
        network = things.enter_context(Proxy(_port(fault, stack)).open())
        broker = dict(fault.broker)
        if fault.between == "kafka":
            broker["advertised.listeners"] = f"PLAINTEXT://127.0.0.1:{network.port}"
        if broker:
            things.enter_context(broker_with(stack, broker))
        brokers = None
        if fault.of_three:
            kill_kafka(stack.folder)
            brokers = things.enter_context(three_brokers(stack.folder))
            stack = replace(stack, kafka_bootstrap=brokers.bootstrap)
        group = things.enter_context(_group(fault, stack))
        if group:
            stack = replace(stack, redis_url=group.url)
        prefix = f"chaos{seed}-{next(_NUMBERS)}."
        file = stack.folder / f"{prefix}parameters.json"
        document = read_document(None)
        write_document(file, document)
        own = {"parameters_file": file, "parameters_poll": 0.1}
        own["replication"] = COUNT if fault.of_three else 1
        own["brake_share"] = 0.0  # some faults make a storm of warnings, which it would hold
        changes = {**SMALL, **own, **fault.settings}
        settings = make_settings(stack, prefix, partitions=PARTITIONS, **changes)
        law = Law(document)
        log = (
            lives_until(time.time(), seed, law, CUSTOMERS, WINDOW)
            if fault.live
            else lives(CUSTOMERS, seed)
        )
        write(settings, settings.transaction_topic, as_messages(log.transactions))
        write(settings, settings.interaction_topic, as_messages(log.interactions))
        deal = purchases_now if fault.live else purchases_later
        feeder = Feeder(settings, CUSTOMERS, seed, deal)
        command, clock = ODD_CLOCK if fault.odd_clock else PLAIN_WORKER, stack.folder / "clock"
        scene = Scene(
            stack,
            settings,
            lambda: start(_disturbed(fault, settings, network), command, {"CLOCK": str(clock)}),
            random.Random(seed),
            [law],
            feeder,
            network,
            brokers,
            group,
        )
        with scene.leaving:
            yield scene


def _disturbed(fault: Fault, settings: Settings, network: Proxy) -> Settings:
    """The settings as workers have them, who reach Redis through the network."""
    if fault.between != "redis":
        return settings
    url = SecretStr(f"redis://127.0.0.1:{network.port}/0")
    return settings.model_copy(update={"redis_url": url})


def _port(fault: Fault, stack: Stack) -> int:
    address = (
        stack.kafka_bootstrap if fault.between == "kafka" else urlsplit(stack.redis_url).netloc
    )
    return int(address.rpartition(":")[2])


@contextmanager
def _group(fault: Fault, stack: Stack) -> Iterator[Group | None]:
    """Several Redis servers, where the fault is about them."""
    with own_redis(stack.folder / "group") as servers:
        if fault.redis == "cluster":
            yield start_cluster(servers)
        elif fault.redis == "sentinels":
            yield start_guarded(servers)
        else:
            yield None


@contextmanager
def broker_with(stack: Stack, settings: dict[str, str]) -> Iterator[None]:
    """Kafka started anew with settings of its own, also whenever it is started again."""
    kept = [
        line
        for line in kafka_server._PROPERTIES.splitlines()
        if line.partition("=")[0] not in settings
    ]
    lines = [*kept, *(f"{name}={value}" for name, value in settings.items()), ""]
    with mock.patch.object(kafka_server, "_PROPERTIES", "\n".join(lines)):
        kill_kafka(stack.folder)
        start_kafka(stack.folder)
        yield
