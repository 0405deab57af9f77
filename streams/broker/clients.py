"""How to reach Kafka: one place for addresses and credentials of every client."""

import errno
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import SecretStr

from streams.broker.any_headers import read_any_headers
from streams.config import Settings

BOOTSTRAP_MS: Final = 10_000  # how long a command tries to reach Kafka


@dataclass(frozen=True)
class ClientOptions:
    """Makes clients that all speak to the same cluster in the same way."""

    settings: Settings

    def common(self) -> dict[str, Any]:
        """Options that every aiokafka client takes."""
        settings = self.settings
        options: dict[str, Any] = {
            "bootstrap_servers": settings.kafka_bootstrap,
            "security_protocol": settings.kafka_security_protocol,
            "ssl_context": self.ssl_context(),
        }
        if settings.kafka_username is not None:
            options["sasl_mechanism"] = settings.kafka_sasl_mechanism
            options["sasl_plain_username"] = settings.kafka_username
            options["sasl_plain_password"] = _secret(settings.kafka_password)
        return options

    def producer(self, **options: Any) -> AIOKafkaProducer:  # noqa: ANN401
        """A producer, idempotent unless told otherwise, not yet started."""
        wanted = {"enable_idempotence": True, **options}
        return AIOKafkaProducer(**self.common(), acks="all", **wanted)

    def consumer(self, *topics: str, **options: Any) -> AIOKafkaConsumer:  # noqa: ANN401
        """A consumer, not yet started."""
        read_any_headers()
        return AIOKafkaConsumer(*topics, **self.common(), enable_auto_commit=False, **options)

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS as the settings ask for, or none.

        Raises:
            OSError: a file is not there, or holds something else; it is named.
        """
        if "SSL" not in self.settings.kafka_security_protocol.replace("SASL", ""):
            return None
        settings = self.settings
        context = _trusting(settings.kafka_ca_file)
        if (own := settings.kafka_cert_file) is not None:
            key, password = settings.kafka_key_file, _secret(settings.kafka_key_password)
            with _reading("a certificate, and its key there or in EBBWATCH_KAFKA_KEY_FILE", own):
                context.load_cert_chain(own, key, password)  # without one it would ask a terminal
        return context

    def faust_credentials(self) -> Any:  # noqa: ANN401
        """Credentials for the Faust app, or None."""
        import faust  # noqa: PLC0415 - only a worker needs it, and it takes long

        settings, context = self.settings, self.ssl_context()
        if settings.kafka_username is None:
            return None if context is None else faust.SSLCredentials(context)
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=_secret(settings.kafka_password),
            mechanism=settings.kafka_sasl_mechanism,
            ssl_context=context,
        )

    def kafka_python(self) -> dict[str, Any]:
        """Options of the kafka-python clients that make topics, all but the address."""
        options = self.common()
        options.pop("bootstrap_servers")
        options["bootstrap_timeout_ms"] = BOOTSTRAP_MS
        return {name: value for name, value in options.items() if value is not None}


def _trusting(authorities: Path | None) -> ssl.SSLContext:
    """TLS with brokers whose certificates are signed by some; None is those of the system."""
    if authorities is None:
        return ssl.create_default_context()
    with _reading("certificates of who signs the brokers'", authorities):
        return ssl.create_default_context(cafile=authorities)


@contextmanager
def _reading(what: str, file: Path) -> Iterator[None]:
    """Name the file where what it should hold, in PEM, is not there."""
    try:
        yield
    except OSError as error:
        told = f"expected {what}, in PEM, got {error.strerror or error}"
        raise OSError(errno.EINVAL, told, str(file)) from error


def _secret(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
