"""Apache Kafka as one KRaft node, broker and controller in one process, on loopback."""

import base64
import uuid
from contextlib import closing
from pathlib import Path

from ebbwatch.stack.jars import java, kafka_jars
from ebbwatch.stack.process import Server

_LOG4J = Path(__file__).with_name("log4j2.properties")

# A folder is formatted once, by Kafka's own tool; the shell then becomes the broker.
_FORMAT_AND_RUN = """\
config=$1; data=$2; cluster_id=$3; shift 3
[ -f "$data/meta.properties" ] ||
  "$@" kafka.tools.StorageTool format \\
    --cluster-id="$cluster_id" --config "$config" || exit 1
exec "$@" kafka.Kafka "$config"
"""

# One node: nothing can be replicated. Event time may lie decades back: nothing expires by age
# unless its topic says so. Eight internal partitions instead of fifty: a faster first start. A
# killed broker can register again only when its old session is over, hence a short session. No
# records that say nothing, two a second: nobody watches how far the metadata lags.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
metadata.max.idle.interval.ms=0
group.initial.rebalance.delay.ms=0
transaction.max.timeout.ms=900000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.retention.ms=-1
log.retention.bytes=-1
log.message.timestamp.before.max.ms=9223372036854775807
log.cleaner.dedupe.buffer.size=16777216
"""


def server(folder: Path) -> Server:
    """Describe the Kafka server of a stack.

    Args:
        folder: The stack's folder, absolute.
    """
    return Server("kafka", folder / "kafka" / "server.properties")


def launch(kafka: Server, port: int, controller_port: int) -> None:
    """Write the configuration and start the process, without waiting for it.

    Args:
        kafka: From `server`.
        port: The listener's port for clients.
        controller_port: The listener's port of the KRaft controller.

    Raises:
        StackError: Java or Maven is missing, or the jars could not be fetched.
    """
    runtime, jars = java(), kafka_jars()
    kafka.folder.mkdir(parents=True, exist_ok=True)
    data = _data(kafka)
    kafka.config.write_text(
        _PROPERTIES.format(port=port, controller_port=controller_port, data=data)
    )
    machine = [runtime, *_machine_options(kafka), "-cp", f"{jars}/*"]
    arguments = [str(kafka.config), str(data), _cluster_id(), *machine]
    kafka.spawn(["/bin/sh", "-c", _FORMAT_AND_RUN, "kafka", *arguments])


def is_ready(kafka: Server, bootstrap: str) -> bool:
    """Tell whether this very cluster answers a metadata request and counts a broker.

    Args:
        kafka: From `server`; a stranger's cluster on the same port has another identifier.
        bootstrap: `host:port` of the client listener.
    """
    from kafka.admin import KafkaAdminClient  # noqa: PLC0415 - only who waits needs a client
    from kafka.errors import KafkaError  # noqa: PLC0415

    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=2000)
    except (KafkaError, OSError):
        return False
    with closing(admin):
        cluster = admin.describe_cluster()
        return bool(cluster["brokers"]) and cluster["cluster_id"] in _identity(kafka)


def _identity(kafka: Server) -> str:
    return (_data(kafka) / "meta.properties").read_text()


def _data(kafka: Server) -> Path:
    return kafka.folder / "data"


def _machine_options(kafka: Server) -> list[str]:
    """For a short life beside what it serves: the quick compiler, no threads that collect.

    A broker so started takes half the processor's time, and is as quick for events by the thousand.
    """
    return [
        "-Xms128m",
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={_LOG4J}",
        f"-Debbwatch.log={kafka.log}",
    ]


def _cluster_id() -> str:
    """A KRaft cluster identifier: 16 random bytes in URL-safe base64 without its padding."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
