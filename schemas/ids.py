"""Ids of warnings and cases: readable, the same after any replay, unique over customers.

A warning's is `<customer>.<rule>.<episode>` and a case's `<customer>.<number>`, where `<customer>`
are 96 bits of a hash of the customer's id; so an answer names rule and episode without a lookup.
"""

import hashlib
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from schemas.constraints import Refused

_HASH: Final = "[0-9a-f]{24}"
_COUNT: Final = "[1-9][0-9]{0,9}"
WARNING_ID: Final = f"^{_HASH}\\.[a-z][a-z0-9_]{{0,63}}\\.{_COUNT}$"
CASE_ID: Final = f"^{_HASH}\\.{_COUNT}$"

WarningId = Annotated[
    str,
    Field(pattern=WARNING_ID),
    Refused("bad_id", "a warning's id as it was published: 24 hex digits, rule and episode"),
]
CaseId = Annotated[
    str,
    Field(pattern=CASE_ID),
    Refused("bad_id", "a case's id as it was published: 24 hex digits and a number"),
]


def customer_hash(customer: bytes) -> str:
    """96 bits of a hash of a customer's id, in hex.

    >>> customer_hash(b"c1")
    '8170bf8323414bdfdfa85a19'
    """
    return hashlib.blake2b(customer, digest_size=12).hexdigest()


def warning_id(customer: bytes, rule: str, episode: int) -> str:
    """Name the warning that a rule raised about a customer the `episode`-th time."""
    return f"{customer_hash(customer)}.{rule}.{episode}"


def case_id(customer: bytes, number: int) -> str:
    """Name a customer's `number`-th case."""
    return f"{customer_hash(customer)}.{number}"


class Names(NamedTuple):
    """What an id of a warning or case says.

    Attributes:
        customer: hash of the customer's id.
        rule: that raised the warning; "" in a case's id.
        number: episode of the warning, or number of the case.
    """

    customer: str
    rule: str
    number: int


def names(of: str) -> Names:
    """Read the id of a warning or a case, of a shape that was checked.

    >>> names(warning_id(b"c1", "silence", 2))[1:], names(case_id(b"c1", 3))[1:]
    (('silence', 2), ('', 3))
    """
    customer, *rule, number = of.split(".")
    return Names(customer, "".join(rule), int(number))
