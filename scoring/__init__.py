"""What a worker computes, and only that: pure NumPy, no input or output, no clock of its own.

From facts to features, from features to levels and warnings, joined in `scoring.step`. What only a
modeller computes is `modelling`'s; what is stored, sent or shown is `streams`'s. Its errors are
`ScoringError`s.
"""

import reprlib


class ScoringError(ValueError):
    """Base of the core's errors: says where, what was expected and what came."""

    def __init__(self, *, where: str, expected: str, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {_short(got)}")
        self.where, self.expected, self.got = where, expected, got


def _short(got: object) -> str:
    """ASCII and of bounded length, so that it can be printed whatever came."""
    text = got if isinstance(got, str) else reprlib.repr(got)
    return text[:200].encode("ascii", "backslashreplace").decode()
