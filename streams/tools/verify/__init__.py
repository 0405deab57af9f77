"""A published warning derived anew from the log, and held against what was published.

Here belong reading a warning and the log behind it, replaying one customer through the live step,
and comparing. Nothing is written anywhere, and nothing of the customer's state in Redis is used.
"""

from streams.tools.verify.compare import Difference, Sequel
from streams.tools.verify.published import (
    PublishedWarning,
    VerifyError,
    published,
    read_warnings,
)
from streams.tools.verify.run import Verified, verify
from streams.tools.verify.then import then

__all__ = [
    "Difference",
    "PublishedWarning",
    "Sequel",
    "Verified",
    "VerifyError",
    "published",
    "read_warnings",
    "then",
    "verify",
]
