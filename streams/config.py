"""Configuration: one frozen model, read once from `EBBWATCH_` variables and handed down."""

import os
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from schemas.outputs.words import Language

TopicName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,240}$")]
PRESETS: Final = MappingProxyType({"cards": "scoring.parameters", "cdnow": "scoring.models"})
SCHEMES: Final = (  # as `streams.store.redis_url` takes them
    "redis://",
    "rediss://",
    "unix://",
    "redis+sentinel://",
    "rediss+sentinel://",
    "redis+cluster://",
    "rediss+cluster://",
)


def _redis_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(SCHEMES):
        raise ValueError(f"expected a URL that begins with {', '.join(SCHEMES)}")
    return url


def _endpoint(url: str) -> str:
    at = urlsplit(url)
    if at.scheme not in {"http", "https"} or not at.hostname or at.query or at.fragment:
        raise ValueError("expected an address such as http://collector:4318")
    if "@" in at.netloc:
        raise ValueError("expected no password in it: OTEL_EXPORTER_OTLP_HEADERS takes one")
    return url


RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]


class SettingsOfVariables(BaseSettings):
    """Settings read from variables; then from files of the folder that EBBWATCH_SECRETS_DIR names.

    A file is named as its variable in small letters, such as `ebbwatch_redis_url`: that is how
    containers are handed secrets, which variables show to whoever may look at the process.
    """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's own signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is asked, in order; the first that knows a setting is believed.

        Raises:
            NotADirectoryError: there is no such folder.
        """
        folder = os.environ.get("EBBWATCH_SECRETS_DIR")
        if not folder:
            return init_settings, env_settings
        if not Path(folder).is_dir():
            raise NotADirectoryError(20, "expected EBBWATCH_SECRETS_DIR to be a folder", folder)
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder)


class Settings(SettingsOfVariables):
    """What an operator can set. Durations are in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="EBBWATCH_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_key_password: SecretStr | None = None
    redis_url: RedisUrl = SecretStr("redis://127.0.0.1:6379/0")
    redis_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "ebbwatch"
    redis_timeout: Annotated[float, Field(gt=0)] = 10.0
    redis_replicas: Annotated[int, Field(ge=0)] = 0

    transaction_topic: TopicName = "bank.card.transaction.v1"
    interaction_topic: TopicName = "bank.customer.interaction.v1"
    outcome_topic: TopicName = "bank.customer.outcome.v1"
    risk_topic: TopicName = "bank.customer.warning.risk.v1"
    relationship_topic: TopicName = "bank.customer.warning.relationship.v1"
    case_topic: TopicName = "bank.customer.case.v1"
    score_topic: TopicName = "bank.customer.score.v1"
    assignment_topic: TopicName = "bank.desk.assignment.v1"
    progress_topic: TopicName = "ebbwatch.produced.v1"
    partitions: Annotated[int, Field(ge=1, le=1024)] = 64
    partitioner: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "murmur2"
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    retention_days: Annotated[int, Field(ge=-1)] = 365
    dead_letter_days: Annotated[int, Field(ge=-1)] = 30

    group: TopicName = "ebbwatch"
    language: Language = "en"
    mode: Literal["live", "replay"] = "live"
    allowed_lateness: Annotated[float, Field(ge=0)] = 60.0
    future_tolerance: Annotated[float, Field(ge=0)] = 86_400.0
    parameters_file: Path | None = None
    rules_file: Path | None = None
    preset: Literal["cards", "cdnow"] = "cards"
    parameters_poll: Annotated[float, Field(ge=0)] = 5.0
    rates_file: Path | None = None
    desk_file: Path | None = None
    no_offers_file: Path | None = None
    challenger_file: Path | None = None

    brake_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    brake_least: Annotated[int, Field(ge=0)] = 100
    brake_messages: Annotated[int, Field(ge=1)] = 100_000

    panel_share: Annotated[float, Field(ge=0, le=1)] = 1 / 16
    panel_size: Annotated[int, Field(ge=0, le=100_000)] = 1_000
    panel_days: Annotated[float, Field(ge=1, le=366)] = 7.0
    panel_effort: Annotated[float, Field(gt=0, le=1)] = 0.02

    batch_records: Annotated[int, Field(ge=1, le=20_000)] = 10_000
    inbox_records: Annotated[int, Field(ge=1)] = 30_000
    inbox_bytes: Annotated[int, Field(ge=1)] = 16 << 20
    fetch_bytes: Annotated[int, Field(ge=65_536)] = 4 << 20
    session_timeout: Annotated[float, Field(ge=1)] = 30.0

    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65_535)] = 9644
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    traces_endpoint: Endpoint | None = None

    @property
    def input_topics(self) -> tuple[str, str, str]:
        """Input topics in merge order: of two events at one instant the first topic's is first."""
        return (self.transaction_topic, self.interaction_topic, self.outcome_topic)

    @property
    def output_topics(self) -> tuple[str, ...]:
        """Topics the outbox is relayed to, partitioned as the input is."""
        return (self.risk_topic, self.relationship_topic, self.case_topic, self.score_topic)

    @property
    def compacted_topics(self) -> tuple[str, ...]:
        """Those that keep each customer's last message; the desk writes one of them."""
        return (self.case_topic, self.score_topic, self.assignment_topic)

    @property
    def position_topic(self) -> str:
        """Where each partition's outbox says how far it is published."""
        return f"{self.group}.relayed.v1"

    def route_topic(self, route: str) -> str:
        """Warning topic of a route."""
        return {"risk": self.risk_topic, "relationship": self.relationship_topic}[route]

    @property
    def parameters_source(self) -> Path:
        """The parameter file: the bank's own, or the preset where there is none."""
        return self.parameters_file or packaged(self.preset)

    def redacted(self) -> dict[str, object]:
        """Everything but secrets, for showing."""
        return self.model_dump(mode="json")


def packaged(preset: str) -> Path:
    """A packaged parameter file, with which a bank can start that has none of its own."""
    package = PRESETS[preset]
    with resources.as_file(resources.files(package).joinpath(f"{preset}.json")) as file:
        return file


def with_parameters(file: Path | None, rules: Path | None = None) -> Settings:
    """The configuration, with another parameter file, or rules file, where one is given."""
    files = {"parameters_file": file, "rules_file": rules}
    given = {name: given for name, given in files.items() if given}
    return Settings(**given)  # type: ignore[arg-type]


def dead_letter_topic(topic: str) -> str:
    """Where records of an input topic go that cannot be used.

    >>> dead_letter_topic("bank.card.transaction.v1")
    'bank.card.transaction.v1.dlq'
    """
    return f"{topic}.dlq"
