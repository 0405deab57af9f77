"""What the core refuses."""


class ScoringError(ValueError):
    """Base of the core's errors: says where, what was expected and what came."""

    def __init__(self, *, where: str, expected: str, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {got}")
        self.where, self.expected, self.got = where, expected, got


class StateError(ScoringError):
    """A packed state this program cannot read."""
