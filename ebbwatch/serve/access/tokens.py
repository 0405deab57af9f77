"""Tokens of programs: 256 random bits each, of which the file holds the SHA-256."""

import hashlib
import re
import secrets
from hmac import compare_digest
from pathlib import Path
from typing import Final

from ebbwatch.serve.access.files import AccessFile, put

SHAPE: Final = re.compile(r"[0-9a-f]{64}")


class Tokens:
    """Tells whose a token is.

    Args:
        path: file of names and hashes.

    Raises:
        AccessFileError: it cannot be used.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = AccessFile(path, SHAPE)

    def owner(self, token: str) -> str | None:
        """Whose token it is, None where it is nobody's; takes as long whosever it is."""
        hashed, owner = _hashed(token), None
        for name, own in self._file.entries.items():
            if compare_digest(hashed, own):
                owner = name
        return owner


def add_token(path: Path, name: str) -> str:
    """Give a name a new token in place of an earlier one.

    Returns:
        The token, which stands nowhere else.

    Raises:
        AccessFileError: the name or the file cannot be used.
        OSError: it cannot be written.
    """
    token = secrets.token_urlsafe(32)
    put(path, SHAPE, name, _hashed(token))
    return token


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()  # nothing to guess at
