"""Signatures by which a receiver knows who sent a request (Standard Webhooks 1.0, HMAC-SHA256)."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

ENCODED: Final = "whsec_"
LEAST: Final = 24  # bytes of a secret, as that specification asks for


class SecretError(ValueError):
    """A secret cannot be used."""


def keys_of(text: str) -> list[bytes]:
    """The keys of a secret file: one a line, `whsec_` with base64, or a text as it is.

    With several, each request is signed by all, so that a receiver can change to the new one.

    Raises:
        SecretError: none, one that is no base64, or one that is too short. Nothing of it is told.

    >>> keys_of("a secret of 24 letters..")
    [b'a secret of 24 letters..']
    """
    lines = [line.strip() for line in text.splitlines()]
    keys = [_key(number, line) for number, line in enumerate(lines, 1) if line]
    if not keys:
        raise SecretError("secret: expected a line with one, got none")
    return keys


def _key(number: int, line: str) -> bytes:
    key = line.encode()
    if line.startswith(ENCODED):
        try:
            key = base64.b64decode(line.removeprefix(ENCODED), validate=True)
        except binascii.Error as error:
            raise SecretError(f"secret, line {number}: expected base64 after {ENCODED}") from error
    if len(key) < LEAST:
        raise SecretError(
            f"secret, line {number}: expected at least {LEAST} bytes, got {len(key)}; "
            "`openssl rand -base64 32` makes one"
        )
    return key


def signature_headers(
    keys: Sequence[bytes], event_id: str, sent: int, body: bytes
) -> dict[str, str]:
    """The three headers of a request.

    Args:
        keys: at least one.
        event_id: the same at every try.
        sent: when this try was made, epoch seconds.
        body: all of it.

    >>> import base64
    >>> key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> event_id, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    >>> signature_headers([key], event_id, 1614265330, body)["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = b".".join((event_id.encode(), str(sent).encode(), body))
    told = (base64.b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(sent),
        "webhook-signature": " ".join(f"v1,{each}" for each in told),
    }
