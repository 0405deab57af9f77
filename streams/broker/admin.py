"""Kafka's admin client, opened for a while."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, KafkaTimeoutError


@contextmanager
def administering(bootstrap: str, **security: Any) -> Iterator[KafkaAdminClient]:  # noqa: ANN401 the client's own options
    """An admin client of a cluster.

    Args:
        bootstrap: `host:port[,host:port...]` of the brokers.
        **security: Options of kafka-python's client such as `security_protocol`.

    Raises:
        kafka.errors.KafkaError: The brokers cannot be reached, or refuse; its words say why.
    """
    with _heard() as reasons:
        try:
            admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), **security)
        except KafkaTimeoutError as error:
            told = "; ".join(dict.fromkeys(map(str, reasons))) or "no answer"
            if "sasl_mechanism" in security and "disconnected" in told:  # nothing else is told
                told += ", as brokers do where authentication fails"
            raise KafkaTimeoutError(f"cannot reach {bootstrap}: {told}") from error
    try:
        yield admin
    finally:
        admin.close()


@contextmanager
def _heard() -> Iterator[list[KafkaError]]:
    """What the client tells nobody but its log: why no broker let it in."""
    reasons: list[KafkaError] = []

    def hear(record: logging.LogRecord) -> bool:
        told = record.args if isinstance(record.args, tuple) else ()
        errors = (each for each in told if isinstance(each, KafkaError))
        reasons.extend(each for each in errors if not isinstance(each, KafkaTimeoutError))
        return True

    log = logging.getLogger("kafka.net.manager")
    log.addFilter(hear)
    try:
        yield reasons
    finally:
        log.removeFilter(hear)
