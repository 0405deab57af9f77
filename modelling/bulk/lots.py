"""Customers drawn by lot: by their id alone, so that files and a warehouse draw the same ones."""

import hashlib
from functools import lru_cache
from typing import Final

DIGITS: Final = 13  # hexadecimal ones of the MD5 of an id, which every dialect of SQL can tell


@lru_cache(maxsize=1_000_000)  # a customer has rows in many stretches of a file
def lot(customer: str) -> str:
    """A customer's lot, evenly one of 16^13 texts.

    >>> lot("ann")
    '7e0d7f8a5d96c'
    """
    digest = hashlib.md5(customer.encode(), usedforsecurity=False)  # spread, not secrecy
    return digest.hexdigest()[:DIGITS]


def below(share: float) -> str:
    """Whose lot is below this text is drawn, of a share of the customers less than 1.

    >>> below(0.5), below(0.25) < lot("ann") < below(0.5)
    ('8000000000000', True)
    """
    return f"{int(share * 16**DIGITS):0{DIGITS}x}"
