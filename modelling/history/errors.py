"""What a history cannot be read for."""

from scoring import ScoringError


class HistoryError(ScoringError):
    """A history that cannot be used; its text says which file, row and column, expected, got."""
