"""Who may come in: tokens for programs, passwords and a proxy's word for people, and sessions.

What they may see is the same for all; each look is told of by `ebbwatch.serve.audit`. Files hold
hashes alone, are written by `ebbwatch access` and are read anew when they change.
"""

from ebbwatch.serve.access.files import AccessFileError
from ebbwatch.serve.access.forms import Forms
from ebbwatch.serve.access.passwords import Passwords, add_password
from ebbwatch.serve.access.sessions import Sessions
from ebbwatch.serve.access.tokens import Tokens, add_token

__all__ = [
    "AccessFileError",
    "Forms",
    "Passwords",
    "Sessions",
    "Tokens",
    "add_password",
    "add_token",
]
