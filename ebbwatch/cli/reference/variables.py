"""docs/settings.md: every setting, its default and its meaning."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from ebbwatch.serve.settings import ServeSettings
from streams.config import Settings

HEAD: Final = """\
# Settings

Written by `python -m ebbwatch.cli.reference settings > docs/settings.md`; a test holds it to what
is read. Settings are environment variables, the same for workers and commands; or files named like
them in small letters, in the folder that `EBBWATCH_SECRETS_DIR` names, as containers are handed
secrets. `ebbwatch config show` prints those in use, `ebbwatch doctor` tries them on Kafka and
Redis. Durations are in seconds unless the name says otherwise.
"""
REACH: Final = {
    "kafka_bootstrap": "Kafka's brokers, `host:port`, by commas.",
    "kafka_security_protocol": "How Kafka is spoken to.",
    "kafka_sasl_mechanism": "How workers and commands log in to Kafka, with SASL.",
    "kafka_username": "Their name, with SASL.",
    "kafka_password": "Their password.",
    "kafka_cert_file": "The certificate by which they say who they are, with its chain.",
    "kafka_key_file": "Its key, where the certificate's file does not hold it.",
    "kafka_key_password": "Opens that key.",
    "kafka_ca_file": "Certificates by which the brokers are known; else those of the system.",
    "redis_url": "Redis: `redis`, `rediss`, and with `+cluster` or `+sentinel` for those.",
    "redis_prefix": "Begins the names of all keys.",
    "redis_timeout": "How long a call to Redis may take.",
    "redis_replicas": "How many replicas must hold a commit before its messages are published.",
}
TOPICS: Final = {
    "transaction_topic": "Card transactions come from it.",
    "interaction_topic": "Contacts, answers to surveys, accounts and consent come from it.",
    "outcome_topic": "What people answer to warnings and cases comes from it.",
    "risk_topic": "Warnings of the route `risk` go to it.",
    "relationship_topic": "Warnings of the route `relationship` go to it.",
    "case_topic": "Cases go to it.",
    "score_topic": "Scores go to it.",
    "assignment_topic": "What the desk hands out goes to it.",
    "progress_topic": "Keeps how far each file is that `produce` writes.",
    "partitions": "Of all topics. Final: it decides where a customer's state lives.",
    "partitioner": "By which producers place keys: `murmur2`, `crc32`, or a bank's own by name.",
    "replication": "Of topics that `topics create` makes.",
    "retention_days": "For which they keep events; -1 is for ever.",
    "dead_letter_days": "For which they keep dead letters; -1 is for ever.",
}
SCORING: Final = {
    "group": "Names this installation: workers of one share the work.",
    "language": "Of the sentences in warnings.",
    "mode": "`live` lets the wall clock tell of silence, `replay` events alone.",
    "allowed_lateness": "Live, how far the clock stays behind the wall: for events under way. "
    "Silence is told of with its partition's next event, or as much later where none comes.",
    "future_tolerance": "How far ahead of its record an event's time may lie.",
    "parameters_file": "Models, thresholds and half-lives; else the preset's.",
    "rules_file": "What warns whom; else the shipped rules.",
    "preset": "Parameters without a file: card customers', or those of the CDNOW log.",
    "parameters_poll": "How often these files are looked at; 0 is never.",
    "rates_file": "`date,currency,rate`, for amounts of other currencies.",
    "desk_file": "The desk's rules.",
    "no_offers_file": "Ids of customers who are not to be offered anything.",
    "challenger_file": "Another parameter file, or an ONNX model, scored in the shadow.",
}
CARE: Final = {
    "brake_share": "Of a partition's customers, more than whom in an hour are held; 0 is no brake.",
    "brake_least": "Rises in an hour up to which nothing is held.",
    "brake_messages": "Held of a partition, from which on it rests.",
    "panel_share": "Of the customers, whose forecasts are followed up; 0 turns the panel off.",
    "panel_size": "Members of a partition at most.",
    "panel_days": "Between rounds.",
    "panel_effort": "Share of a worker's time that rounds may take.",
    "batch_records": "Records applied at once, at most.",
    "inbox_records": "Records of a topic's partition that may wait in the worker.",
    "inbox_bytes": "Bytes of them that may.",
    "fetch_bytes": "Bytes asked of a partition at once.",
    "session_timeout": "After which Kafka gives a silent worker's partitions to others.",
    "metrics_host": "Where metrics, /livez and /readyz are served.",
    "metrics_port": "The port; 0 serves nothing.",
    "log_level": "From which on lines are logged.",
    "traces_endpoint": "Where spans go, by OTLP over HTTP.",
}
SERVING: Final = {
    "host": "Where it listens; beyond loopback only behind a proxy that speaks TLS.",
    "port": "The port; 0 takes a free one.",
    "hosts": "Names under which it may be asked, by commas: others are refused.",
    "tokens_file": "Who may ask the API; `ebbwatch access token` writes it.",
    "passwords_file": "Who may log in to the page; `ebbwatch access password` writes it.",
    "user_header": "The header in which a reverse proxy names who is logged in.",
    "proxy_secret": "Without which, in `X-Ebbwatch-Proxy`, that header is not believed.",
    "session_hours": "How long a login lasts.",
    "session_key": "Signs logins, so that those of one process are another's too.",
    "answerers": "Names of those who may answer cases, by commas; * is all who may look.",
    "without_login": "Everybody on this machine may see everything.",
    "effort": "Share of a core that keeping the portfolio's figures may take.",
}
SECTIONS: Final = (
    ("Where Kafka and Redis are", Settings, REACH),
    ("Topics", Settings, TOPICS),
    ("Scoring", Settings, SCORING),
    ("Care, size and watching", Settings, CARE),
    ("`ebbwatch serve`", ServeSettings, SERVING),
)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, contract, meanings in SECTIONS:
        parts += [f"## {title}", "", "| variable | is | default | meaning |", "|---|---|---|---|"]
        parts += [*_rows(contract, meanings), ""]
    return "\n".join(parts)


def _rows(contract: type[BaseSettings], meanings: Mapping[str, str]) -> Iterator[str]:
    prefix = contract.model_config["env_prefix"]
    for name, meaning in meanings.items():
        field = contract.model_fields[name]
        kind, default = _kind(field.annotation, field), _default(field.default)
        yield f"| `{prefix}{name.upper()}` | {kind} | {default} | {meaning} |"


def _kind(kind: Any, field: FieldInfo) -> str:  # noqa: ANN401 - any annotation
    options = [each for each in get_args(kind) if each is not NoneType] or field.examples or []
    if get_origin(kind) is Literal or field.examples:
        return ", ".join(f"`{each}`" for each in options)
    if len(options) == 1 or (options and hasattr(kind, "__metadata__")):
        return _kind(options[0], field)
    named = {bool: "`true`, `false`", int: "whole number", float: "number", Path: "file"}
    limits = [
        f"{word} {bound:g}" if isinstance(bound, float) else f"{word} {bound}"
        for word, name in (("from", "ge"), ("above", "gt"), ("to", "le"))
        for rule in field.metadata
        if (bound := getattr(rule, name, None)) is not None
    ]
    return " ".join([named.get(kind, "secret" if kind is SecretStr else "text"), *limits])


def _default(value: Any) -> str:  # noqa: ANN401 - any default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, float):
        value = f"{value:g}"
    return "" if value in (None, "") else f"`{value}`"
