"""What the core refuses."""

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


class StateError(ScoringError):
    """A packed state this program cannot read."""
