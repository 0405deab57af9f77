"""URLs of Redis: what they lead to, and what is wrong with those that lead nowhere."""

import pytest

from streams.config import SCHEMES, Settings
from streams.store.redis_url import _KINDS, RedisUrl, parse


def test_a_plain_url_stays_as_it_is() -> None:
    url = "rediss://user:p%40ss@host/3?ssl_ca_certs=/ca.pem"
    found = parse(url)
    assert found.hosts == [("host", 6379)]
    assert found.server == "rediss://user:p%40ss@host:6379/3?ssl_ca_certs=%2Fca.pem"
    assert found.shown == "host:6379"


def test_sentinels_name_a_master() -> None:
    url = "redis+sentinel://user:pass@a:26379,b,[::1]:7/bank/2?sentinel_password=x"
    assert parse(url) == RedisUrl(
        "sentinel",
        [("a", 26379), ("b", 26379), ("::1", 7)],
        "redis://user:pass@a:26379/2",
        "bank",
        {"password": "x"},
    )
    assert parse(url).shown == "bank by Sentinels a:26379,b:26379,[::1]:7"


def test_a_cluster_is_found_by_any_of_its_nodes() -> None:
    found = parse("rediss+cluster://:pass@a:7000,b:7001")
    assert (found.kind, found.hosts) == ("cluster", [("a", 7000), ("b", 7001)])
    assert found.server == "rediss://:pass@a:7000"
    assert found.shown == "Cluster a:7000,b:7001"


def test_a_socket_has_no_host() -> None:
    assert parse("unix:///run/redis.sock?db=1").shown == "/run/redis.sock"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a", "begins with redis"),
        ("redis+sentinel://a,b", "the master's name"),
        ("redis+cluster://a/1", "no database"),
        ("redis+cluster://a,,b", "a host"),
        ("redis://", "a host"),
    ],
)
def test_what_leads_nowhere_is_refused_with_what_helps(url: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        parse(url)


def test_settings_take_the_same_schemes() -> None:
    assert tuple(f"{scheme}://" for scheme in _KINDS) == SCHEMES
    assert "secret" not in repr(Settings(redis_url="redis+cluster://:secret@a"))  # type: ignore[arg-type]
