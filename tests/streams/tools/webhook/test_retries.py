"""What failed is tried again ever more seldom, and not for ever; addresses inside are refused."""

import pytest

from streams.tools.webhook.public_only import (
    PrivateAddressError,
    PublicOnly,
    check_literal,
    is_public,
)
from streams.tools.webhook.retries import LONGEST, Retries
from streams.tools.webhook.signing import SecretError, keys_of


def test_pauses_double_up_to_a_limit_and_are_any_part_of_that() -> None:
    full, half = Retries[str](1e9, lambda: 1.0), Retries[str](1e9, lambda: 0.5)
    waited = []
    for _ in range(12):
        for each in (full, half):
            assert each.failed("p", 7, 0.0)
        waited.append(full._trying["p"].due)
        assert half._trying["p"].due == waited[-1] / 2
    assert waited[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waited[-1] == LONGEST


def test_an_event_is_due_when_its_receiver_wants_it() -> None:
    retries = Retries[str](1e9, lambda: 0.0)
    retries.failed("p", 7, 100.0, after=30.0)
    assert retries.due(129.0) == []
    assert retries.due(130.0) == ["p"]
    assert retries.longest(110.0) == 10.0


def test_an_event_is_given_up_after_its_time_and_the_next_one_has_its_own() -> None:
    retries = Retries[str](60.0)
    assert retries.failed("p", 7, 0.0)
    assert retries.failed("p", 7, 59.0)
    assert not retries.failed("p", 7, 60.0)
    assert retries.failed("p", 8, 61.0)
    assert retries.failed("p", 8, 120.0)


def test_what_others_deliver_now_is_forgotten() -> None:
    retries = Retries[str](60.0)
    retries.failed("p", 7, 0.0)
    retries.keep({"q"})
    assert not retries.is_waiting("p")
    assert retries.longest(9.0) == 0.0


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.9", "169.254.169.254", "0.0.0.0",  # noqa: S104
     "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
     "::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b::a00:1"],
)  # fmt: skip
def test_an_address_inside_is_refused_however_it_is_written(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(PrivateAddressError, match="--allow-private"):
        check_literal(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::808:808"])
def test_an_address_outside_is_taken(address: str) -> None:
    assert is_public(address)
    check_literal(address)


async def test_a_name_that_resolves_inside_is_refused() -> None:
    resolver = PublicOnly()
    with pytest.raises(PrivateAddressError, match="localhost"):
        await resolver.resolve("localhost", 80)
    await resolver.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "got none"), ("\n \n", "got none"), ("short", "24 bytes, got 5"),
     ("whsec_$$$", "base64"), ("whsec_c2hvcnQ=", "got 5"),
     ("a secret of 24 letters..\nshort", "line 2")],
)  # fmt: skip
def test_a_secret_that_is_none_is_refused_without_being_told(text: str, expected: str) -> None:
    with pytest.raises(SecretError, match=expected) as refused:
        keys_of(text)
    assert "short" not in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)
