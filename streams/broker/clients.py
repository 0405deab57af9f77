"""How to reach Kafka: one place for addresses and credentials of every client."""

import ssl
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

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
            options["sasl_plain_password"] = self._password()
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
        """TLS as the settings ask for, or none."""
        if "SSL" not in self.settings.kafka_security_protocol.replace("SASL", ""):
            return None
        return ssl.create_default_context(cafile=self.settings.kafka_ca_file)

    def faust_credentials(self) -> Any:  # noqa: ANN401
        """Credentials for the Faust app, or None."""
        import faust  # noqa: PLC0415 - only a worker needs it, and it takes long

        settings, context = self.settings, self.ssl_context()
        if settings.kafka_username is None:
            return None if context is None else faust.SSLCredentials(context)
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=self._password(),
            mechanism=settings.kafka_sasl_mechanism,
            ssl_context=context,
        )

    def kafka_python(self) -> dict[str, Any]:
        """Options of the kafka-python clients that make topics, all but the address."""
        options = self.common()
        options.pop("bootstrap_servers")
        options.pop("ssl_context")
        options["bootstrap_timeout_ms"] = BOOTSTRAP_MS
        options["ssl_cafile"] = (
            str(self.settings.kafka_ca_file) if self.settings.kafka_ca_file else None
        )
        return {name: value for name, value in options.items() if value is not None}

    def _password(self) -> str:
        secret = self.settings.kafka_password
        return secret.get_secret_value() if secret else ""
