"""Logins that last: a name and an end, signed, in a cookie; nothing is kept here."""

import hashlib
import hmac
import secrets
import time
from typing import Final

COOKIE: Final = "ebbwatch_session"


class Sessions:
    """Issues and reads such cookies; those of an earlier process are no longer believed.

    Args:
        seconds: how long one lasts.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self._key = seconds, secrets.token_bytes(32)

    def issue(self, name: str) -> str:
        """A cookie's value for who has logged in."""
        said = f"{name}:{time.time() + self.seconds:.0f}"
        return f"{said}:{self._signed(said)}"

    def owner(self, value: str) -> str | None:
        """Whose session it is, None where it is forged or over."""
        said, _, signature = value.rpartition(":")
        if not hmac.compare_digest(signature.encode(), self._signed(said).encode()):
            return None
        name, _, until = said.rpartition(":")
        return name if time.time() < float(until) else None

    def _signed(self, said: str) -> str:
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()
