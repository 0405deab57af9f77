"""Whom a webhook speaks to: one request, and what its answer means for the event."""

import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

import aiohttp

from streams.tools.webhook.http_event import HttpEvent
from streams.tools.webhook.public_only import PublicOnly, check_literal
from streams.tools.webhook.signing import signature_headers

# Answers to what was sent; any other than these and 2xx is about the receiver, not the event.
REFUSALS: Final = frozenset({400, 413, 415, 422})
LONGEST_WAIT: Final = 3_600.0  # seconds a receiver may ask to be left alone


class Delivery(Enum):
    """What a try came to.

    `LATER`: it is to be sent again. `GIVEN_UP`: not any more. `NOT_AN_EVENT`: it cannot be sent,
    `EMPTY`: there is nothing to send, as where a compacted topic forgets a key.
    """

    DELIVERED = "delivered"
    REFUSED = "refused"
    LATER = "later"
    GIVEN_UP = "given_up"
    NOT_AN_EVENT = "not_an_event"
    EMPTY = "empty"


class Reply(NamedTuple):
    """What came of a try.

    Attributes:
        delivery: what it means.
        told: what the receiver, or the way to it, said.
        after: seconds that it asks to be left alone.
    """

    delivery: Delivery
    told: str
    after: float = 0.0


class Receiver:
    """An address that events are posted to; to be used as a context.

    Args:
        url: where to.
        keys: that sign each request; none signs nothing.
        timeout: seconds until a try is given up.
        is_private_allowed: whether it may be inside.
    """

    def __init__(
        self, url: str, keys: Sequence[bytes], timeout: float, *, is_private_allowed: bool
    ) -> None:
        self._url, self._keys, self._timeout = url, keys, timeout
        self._is_private_allowed = is_private_allowed
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open, and look whether the address may be spoken to.

        Raises:
            PrivateAddressError: it is inside, and that was not allowed.
        """
        guard = None if self._is_private_allowed else PublicOnly()
        if guard:
            check_literal(urlsplit(self._url).hostname or "")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=guard),
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            headers={"user-agent": "ebbwatch-webhook"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        if self._session:
            await self._session.close()

    async def post(self, event: HttpEvent) -> Reply:
        """Try once. A redirect is not followed: it would lead past what was allowed."""
        assert self._session  # noqa: S101 - a context's
        headers = dict(event.headers)
        if self._keys:
            headers |= signature_headers(self._keys, event.id, int(time.time()), event.body)
        try:
            async with self._session.post(
                self._url, data=event.body, headers=headers, allow_redirects=False
            ) as response:
                return _meaning(response.status, response.headers.get("retry-after"))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return Reply(Delivery.LATER, f"{type(error).__name__}: {error}".rstrip(": "))


def _meaning(status: int, retry_after: str | None) -> Reply:
    told = f"HTTP {status}"
    if status // 100 == 2:  # noqa: PLR2004
        return Reply(Delivery.DELIVERED, told)
    if status in REFUSALS:
        return Reply(Delivery.REFUSED, told)
    return Reply(Delivery.LATER, told, _seconds(retry_after))


def _seconds(retry_after: str | None) -> float:
    """What `Retry-After` asks for: seconds or a date (RFC 9110, section 10.2.3).

    >>> _seconds("120"), _seconds("soon"), _seconds(None)
    (120.0, 0.0, 0.0)
    """
    if not retry_after:
        return 0.0
    try:
        if retry_after.isdecimal():
            asked = float(retry_after)
        else:
            asked = parsedate_to_datetime(retry_after).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(asked, 0.0), LONGEST_WAIT)
