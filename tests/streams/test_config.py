"""Configuration: read once from the environment, frozen, its secrets never shown."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from streams.config import Settings, dead_letter_topic

SECRETS = {
    "EBBWATCH_KAFKA_PASSWORD": "kafka-hush",
    "EBBWATCH_REDIS_URL": "rediss://user:redis-hush@redis.internal:6380/3",
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"EBBWATCH_{name.upper()}", raising=False)


def test_the_environment_is_read_by_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBWATCH_PARTITIONS", "12")
    monkeypatch.setenv("EBBWATCH_MODE", "replay")
    monkeypatch.setenv("EBBWATCH_RATES_FILE", "rates.csv")
    monkeypatch.setenv("GROUP", "not-ours")
    settings = Settings()
    assert (settings.partitions, settings.mode, settings.group) == (12, "replay", "ebbwatch")
    assert settings.rates_file == Path("rates.csv")


def test_defaults_keep_to_this_machine() -> None:
    settings = Settings()
    assert settings.metrics_host == "127.0.0.1"
    assert settings.kafka_bootstrap == "127.0.0.1:9092"
    assert settings.redis_url.get_secret_value() == "redis://127.0.0.1:6379/0"
    assert settings.mode == "live"


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.group = "other"  # type: ignore[misc]


def test_no_secret_is_shown_in_any_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    shown = [
        repr(settings),
        str(settings),
        json.dumps(settings.redacted()),
        settings.model_dump_json(),
        str(settings.model_dump()),
        str(vars(settings)),
    ]
    assert not any("hush" in text for text in shown)
    assert settings.redis_url.get_secret_value() == SECRETS["EBBWATCH_REDIS_URL"]
    assert set(str(settings.redacted()["kafka_password"])) == {"*"}


def test_what_is_shown_names_every_setting() -> None:
    assert set(Settings().redacted()) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partitions", "0"),
        ("partitions", "many"),
        ("replication", "0"),
        ("mode", "fast"),
        ("log_level", "loud"),
        ("allowed_lateness", "-1"),
        ("redis_timeout", "0"),
        ("batch_records", "0"),
        ("fetch_bytes", "1"),
        ("metrics_port", "70000"),
        ("risk_topic", "no spaces"),
        ("transaction_topic", "x" * 241),
        ("redis_prefix", "a:b"),
        ("group", ""),
        ("kafka_security_protocol", "plain"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"EBBWATCH_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_a_bad_redis_url_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBWATCH_REDIS_URL", "http://user:redis-hush@redis.internal")
    with pytest.raises(ValidationError, match="redis_url") as refused:
        Settings()
    assert "hush" not in str(refused.value)


def test_derived_names_follow_the_settings() -> None:
    settings = Settings(group="g", transaction_topic="t", interaction_topic="i", risk_topic="r")
    assert settings.input_topics == ("t", "i", settings.outcome_topic)
    assert settings.position_topic == "g.relayed.v1"
    assert settings.route_topic("risk") == "r"
    assert settings.route_topic("relationship") == settings.relationship_topic
    assert dead_letter_topic("t") == "t.dlq"
