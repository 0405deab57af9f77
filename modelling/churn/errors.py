from scoring import ScoringError


class ChurnFitError(ScoringError):
    """Labels to which no scorecard can be fitted."""
