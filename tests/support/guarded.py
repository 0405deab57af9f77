"""A Kafka with doors of TLS, behind which everybody may do what they were allowed alone."""

import argparse
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from ebbwatch.stack import Stack, kafka_server, running
from ebbwatch.stack.ports import free_ports
from streams.config import Settings

PASSWORD = "letmein"  # noqa: S105 - of no account but this test's
MECHANISM = "SCRAM-SHA-512"
_GUARD = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.security.protocol.map=\
PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL,MUTUAL:SSL
listener.name.guarded.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.mutual.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
"""
_MAKE = """\
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
for name in server desk; do
  openssl req -newkey rsa:2048 -nodes -subj /CN=$name -keyout $name.key -out $name.csr
  echo subjectAltName=IP:127.0.0.1 | openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key \
    -CAcreateserial -days 2 -extfile /dev/stdin -out $name.crt
  cat $name.key $name.crt > $name.pem
done
openssl pkcs8 -topk8 -in desk.key -passout pass:letmein -out desk.locked.key
"""
_KINDS = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional_id": ResourceType.TRANSACTIONAL_ID,
}


@dataclass(frozen=True)
class Guarded:
    """A stack with two more doors; its usual one lets everybody in, as superuser.

    Attributes:
        stack: it.
        folder: certificates: `ca.pem`, `server.pem` and of one client `desk.crt` and `.key`.
        guarded: port where who comes logs in by a password.
        mutual: port where who comes is known by a certificate.
    """

    stack: Stack
    folder: Path
    guarded: int
    mutual: int

    def as_user(self, settings: Settings, user: str) -> Settings:
        """The same settings of who logs in by a password."""
        return self._changed(
            settings,
            self.guarded,
            "SASL_SSL",
            kafka_sasl_mechanism=MECHANISM,
            kafka_username=user,
            kafka_password=SecretStr(PASSWORD),
        )

    def as_desk(self, settings: Settings, **changes: Any) -> Settings:
        """The same settings of who is known by a certificate, as `CN=desk`."""
        files = {
            "kafka_cert_file": self.folder / "desk.crt",
            "kafka_key_file": self.folder / "desk.key",
        }
        return self._changed(settings, self.mutual, "SSL", **{**files, **changes})

    def _changed(self, settings: Settings, port: int, protocol: str, **more: Any) -> Settings:
        return settings.model_copy(
            update={
                "kafka_bootstrap": f"127.0.0.1:{port}",
                "kafka_security_protocol": protocol,
                "kafka_ca_file": self.folder / "ca.pem",
                **more,
            }
        )


@contextmanager
def guarded(folder: Path, users: Iterable[str]) -> Iterator[Guarded]:
    """A stack of its own, whose users are known.

    Args:
        folder: where certificates may be made.
        users: who may log in by `PASSWORD`.
    """
    made = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _MAKE], cwd=folder, capture_output=True, check=False
    )
    assert made.returncode == 0, made.stderr.decode()
    ports = free_ports(2)
    doors = f",GUARDED://127.0.0.1:{ports[0]},MUTUAL://127.0.0.1:{ports[1]}"
    with pytest.MonkeyPatch.context() as patch:
        lines = [
            line + doors if "listeners=" in line and "//" in line else line
            for line in kafka_server._PROPERTIES.splitlines()
        ]
        more = _GUARD.format(folder=folder)
        patch.setattr(kafka_server, "_PROPERTIES", "\n".join(lines) + "\n" + more)
        with running() as started:
            with admin(started.kafka_bootstrap) as client:
                client.alter_user_scram_credentials(
                    [
                        UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, PASSWORD)
                        for user in users
                    ]
                )
            yield Guarded(started, folder, *ports)


@contextmanager
def admin(bootstrap: str) -> Iterator[KafkaAdminClient]:
    """An admin client."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        yield client
    finally:
        client.close()


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
    with admin(bootstrap) as client:
        made = client.create_acls([each for line in lines for each in allowed(line)])
        assert not made["failed"], made
