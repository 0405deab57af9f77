"""The error of data to which no parameters can be fitted."""

from collections.abc import Mapping

from scoring import ScoringError


class FitError(ScoringError):
    """Data to which no parameters can be fitted: they are unusable, or no maximum is interior.

    Args:
        where: Model or argument.
        expected: What it takes.
        got: What came instead.
        advice: What that means for the data and what to do, whole sentences.
        parameters: Those reached, in the units given; empty where none were tried.
        log_likelihood: That reached there, its supremum in practice; None where none was tried.
        runaway: Parameters without bound, each with "0" or "infinity", whither it runs.
    """

    def __init__(
        self,
        *,
        where: str,
        expected: str,
        got: object,
        advice: str = "",
        parameters: Mapping[str, float] | None = None,
        log_likelihood: float | None = None,
        runaway: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(where=where, expected=expected, got=got)
        self.advice, self.log_likelihood = advice, log_likelihood
        self.parameters, self.runaway = dict(parameters or {}), dict(runaway or {})

    def __str__(self) -> str:
        return ". ".join(filter(None, (super().__str__(), self.advice)))
