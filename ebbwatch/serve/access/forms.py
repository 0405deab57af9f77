"""Forms that only who was shown them can send: signed for a name, a purpose and a time."""

import hashlib
import hmac
import secrets
import time
from typing import Final

LASTS: Final = 43_200.0  # seconds: a working day


class Forms:
    """Issues and reads such signatures.

    Args:
        key: as `Sessions` takes it.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = hashlib.sha256(b"form:" + (key or secrets.token_bytes(32))).digest()

    def issue(self, name: str, about: str) -> str:
        """A new form's token, which is another one each time."""
        said = f"{secrets.token_hex(12)}:{time.time() + LASTS:.0f}"
        return f"{said}:{self._signed(said, name, about)}"

    def is_own(self, token: str, name: str, about: str) -> bool:
        """Whether a form was shown to somebody, about this, not too long ago."""
        said, _, signature = token.rpartition(":")
        own = self._signed(said, name, about)
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), own.encode()):
            return False
        return time.time() < float(said.rpartition(":")[2])

    def _signed(self, said: str, name: str, about: str) -> str:
        whole = f"{said}\n{name}\n{about}".encode("utf-8", "replace")
        return hmac.new(self._key, whole, hashlib.sha256).hexdigest()
