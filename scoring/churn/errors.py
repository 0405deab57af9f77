from scoring.errors import ScoringError


class ChurnFitError(ScoringError):
    """Labels to which no scorecard can be fitted."""
