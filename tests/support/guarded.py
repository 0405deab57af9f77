"""A Kafka with a second door, behind which everybody may do what they were allowed alone."""

import argparse
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)
from pydantic import SecretStr

from ebbwatch.stack import Stack, kafka_server, running
from streams.config import Settings

PASSWORD = "letmein"  # noqa: S105 - of no account but this test's
_GUARD = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
sasl.enabled.mechanisms=PLAIN
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_PLAINTEXT
listener.name.guarded.plain.sasl.jaas.config=\\
org.apache.kafka.common.security.plain.PlainLoginModule required {users};
"""
_KINDS = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional_id": ResourceType.TRANSACTIONAL_ID,
}


@contextmanager
def guarded(port: int, users: Iterable[str]) -> Iterator[Stack]:
    """A stack of its own, whose guarded door is at a port; the usual one lets everybody in."""
    door = f",GUARDED://127.0.0.1:{port}"
    known = " ".join(f'user_{user}="{PASSWORD}"' for user in users)
    with pytest.MonkeyPatch.context() as patch:
        lines = [
            line + door if "listeners=" in line and "//" in line else line
            for line in kafka_server._PROPERTIES.splitlines()
        ]
        patch.setattr(
            kafka_server, "_PROPERTIES", "\n".join(lines) + "\n" + _GUARD.format(users=known)
        )
        with running() as started:
            yield started


def as_user(settings: Settings, port: int, user: str) -> Settings:
    """The same settings of who comes in by the guarded door."""
    return settings.model_copy(
        update={
            "kafka_bootstrap": f"127.0.0.1:{port}",
            "kafka_security_protocol": "SASL_PLAINTEXT",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_username": user,
            "kafka_password": SecretStr(PASSWORD),
        }
    )


def allowed(line: str) -> list[ACL]:
    """What a line of `kafka-acls.sh` allows."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--bootstrap-server")
    parser.add_argument("--add", action="store_true", required=True)
    parser.add_argument("--allow-principal", required=True)
    parser.add_argument("--operation", action="append", default=[])
    parser.add_argument("--resource-pattern-type", default="literal")
    for kind in _KINDS:
        parser.add_argument(f"--{kind.replace('_', '-')}", action="append", default=[])
    command, *rest = shlex.split(line)
    assert command == "kafka-acls.sh"
    told = parser.parse_args(rest)
    pattern = ACLResourcePatternType[told.resource_pattern_type.upper()]
    return [
        ACL(
            told.allow_principal,
            "*",
            ACLOperation[operation.upper()],
            ACLPermissionType.ALLOW,
            ResourcePattern(of, name, pattern),
        )
        for kind, of in _KINDS.items()
        for name in getattr(told, kind)
        for operation in told.operation
    ]


def allow(bootstrap: str, lines: Iterable[str]) -> None:
    """Let Kafka allow what lines of `kafka-acls.sh` would."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        made = admin.create_acls([each for line in lines for each in allowed(line)])
        assert not made["failed"], made
    finally:
        admin.close()
