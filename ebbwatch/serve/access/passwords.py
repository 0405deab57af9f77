"""Passwords of people, of which the file holds scrypt's hash (RFC 7914)."""

import hashlib
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections import OrderedDict
from hmac import compare_digest
from pathlib import Path
from typing import Final

from ebbwatch.serve.access.files import AccessFile, AccessFileError, put

COST: Final = 15  # log2 of scrypt's N: 32 MB and about a tenth of a second
BLOCK: Final = 8
SHAPE: Final = re.compile(r"scrypt\$1[0-9]\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}")
SHORTEST: Final = 12
LONGEST: Final = 1_024
TRIES: Final = 5  # wrong ones in a row, after which a name waits
PAUSE: Final = 60.0  # seconds
REMEMBERED: Final = 10_000  # names tried


class Passwords:
    """Tells whether a password is a name's; who guesses must wait.

    Args:
        path: file of names and hashes.

    Raises:
        AccessFileError: it cannot be used.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = AccessFile(path, SHAPE)
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._nobody = hashed(secrets.token_urlsafe())

    def waits(self, name: str) -> bool:
        """Whether too many wrong passwords were just given for a name."""
        tries, last = self._wrong.get(name, (0, 0.0))
        return tries >= TRIES and time.monotonic() - last < PAUSE

    def check(self, name: str, password: str) -> bool:
        """Whether it is; takes a tenth of a second, whether there is such a name or not."""
        known = self._file.entries.get(name)
        right = _is(password, known or self._nobody) and known is not None
        if right:
            self._wrong.pop(name, None)
        else:
            tries, _ = self._wrong.pop(name, (0, 0.0))
            self._wrong[name] = (tries + 1, time.monotonic())
            while len(self._wrong) > REMEMBERED:
                self._wrong.popitem(last=False)
        return right


def add_password(path: Path, name: str, password: str) -> None:
    """Give a name a password in place of an earlier one.

    Raises:
        AccessFileError: the name, the password or the file cannot be used.
        OSError: it cannot be written.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccessFileError(f"password: expected at least {SHORTEST} characters")
    put(path, SHAPE, name, hashed(password))


def hashed(password: str) -> str:
    """A password's hash with a salt of its own, as the file has it."""
    salt = secrets.token_bytes(16)
    parts = (salt, _scrypt(password, salt, COST))
    return "$".join(("scrypt", str(COST), *(b64encode(part).decode() for part in parts)))


def _is(password: str, known: str) -> bool:
    _, cost, salt, own = known.split("$")
    return compare_digest(_scrypt(password[:LONGEST], b64decode(salt), int(cost)), b64decode(own))


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    text, n = password.encode("utf-8", "replace"), 1 << cost
    most = 256 * n * BLOCK
    return hashlib.scrypt(text, salt=salt, n=n, r=BLOCK, p=1, maxmem=most, dklen=32)
