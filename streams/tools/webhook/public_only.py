"""Addresses that a bridge may speak to: public ones, unless its owner allows others.

A URL that somebody else may have written must not reach into the bank: not by a name that resolves
to a host inside, nor by one that does so only later. So each connection's addresses are looked at.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AddressFamily
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

_NAT64: Final = IPv6Network("64:ff9b::/96")


class PrivateAddressError(OSError):
    """A host's addresses are not public."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(
            f"{host}: expected a public address, got {address}; --allow-private lets it be"
        )


def is_public(address: str) -> bool:
    """Whether an address, or the one that it stands for, is reached through the open network.

    >>> [is_public(each) for each in ("93.184.215.14", "10.0.0.1", "::1", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    parsed = _meant(ip_address(address))
    return parsed.is_global and not parsed.is_multicast


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that is only a way to it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def check_literal(host: str) -> None:
    """Refuse a host that is an address itself, for which no resolver is asked.

    Raises:
        PrivateAddressError: it is not public.
    """
    try:
        public = is_public(host)
    except ValueError:  # a name
        return
    if not public:
        raise PrivateAddressError(host, host)


class PublicOnly(AbstractResolver):
    """Resolves names to public addresses, and refuses those that have any other."""

    def __init__(self) -> None:
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of a name.

        Raises:
            PrivateAddressError: one is not public.
        """
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            if not is_public(each["host"]):
                raise PrivateAddressError(host, each["host"])
        return found

    async def close(self) -> None:
        """Close the resolver asked."""
        await self._resolver.close()
