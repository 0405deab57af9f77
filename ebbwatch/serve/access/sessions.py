"""Logins that last: a name and an end, signed, in a cookie; nothing is kept here."""

import hashlib
import hmac
import secrets
import time
from typing import Final

COOKIE: Final = "ebbwatch_session"


class Sessions:
    """Issues and reads such cookies.

    Args:
        seconds: how long one lasts.
        key: signs them; without one a new one does, and those of other processes are not believed.
    """

    def __init__(self, seconds: float, key: bytes | None = None) -> None:
        self.seconds = seconds
        self._key = hashlib.sha256(b"session:" + (key or secrets.token_bytes(32))).digest()

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
