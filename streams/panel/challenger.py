"""A model scored in the shadow of the one in use: a parameter file, or the bank's own as ONNX."""

import hashlib
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from scoring import ScoringError
from scoring.arrays import Floats
from scoring.facts.state import States, new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.monitoring import champion, foretold, horizon_days, threshold
from scoring.parameters import parse
from streams.panel.onnx_model import OnnxModel
from streams.parameters.file import read_document
from streams.parameters.in_use import BASIS

ONNX: Final = ".onnx"
TRIED: Final = 3  # customers of whom nothing is known, on whom a model is tried at the start


class Challenger(Protocol):
    """What is scored beside the model in use.

    Attributes:
        name: version, as told in logs.
        threshold: risk from which it flags a customer; None takes that of the model in use.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def threshold(self) -> float | None: ...  # noqa: D102

    def risk(self, states: States, now: Floats, matrix: Floats, /) -> Floats:
        """Return the probability of no purchase within the horizon.

        Args:
            states: shape (n,).
            now: epoch seconds, shape (n,).
            matrix: features by the model in use, shape (features, n).

        Returns:
            Shape (n,). It is for the caller to doubt its values, and to outlive its errors.
        """


def load_challenger(file: Path, model: ScoringModel) -> Challenger:
    """Read a challenger.

    Args:
        file: `.onnx`, or else a parameter file.
        model: the one in use.

    Raises:
        ScoringError: it cannot be read, asks for other features, tells something else than
            probabilities, or foretells another horizon than the model in use.
        OSError: the file cannot be read.
    """
    try:
        made = OnnxChallenger(file) if file.suffix == ONNX else ParameterChallenger(file, model)
        return _checked(made, model)
    except ScoringError as error:
        where = f"challenger {file}: {error.where}"
        raise ScoringError(where=where, expected=error.expected, got=error.got) from error


class ParameterChallenger:
    """Another parameter file: its purchase model, its features and its scorecard.

    Args:
        file: the parameter file.
        model: the one in use.

    Raises:
        ScoringError: it cannot be used beside that one.
    """

    def __init__(self, file: Path, model: ScoringModel) -> None:
        self._model = ScoringModel(parse(read_document(file)))
        self.name = self._model.parameters.version
        self.threshold = threshold(self._model)
        mine = self._model.parameters
        # What states hold depends on these, so that a model with others would misread them.
        for field in BASIS:
            self._agree(field, getattr(model.parameters, field), getattr(mine, field))
        self._agree("horizon_days", horizon_days(model), horizon_days(self._model))
        # Both are judged by what came of the one's windows.
        self._agree("leaving", foretold(model).model_dump(), foretold(self._model).model_dump())

    def _agree(self, field: str, expected: object, got: object) -> None:
        if expected != got:
            needed = f"{expected}, as the model in use has it"
            raise ScoringError(where=field, expected=needed, got=got)

    def risk(self, states: States, now: Floats, _of_champion: Floats, /) -> Floats:
        """See `Challenger.risk`; features are those by the own purchase model."""
        return champion(features(states, now, self._model), self._model).risk


class OnnxChallenger:
    """The bank's own model over the features, whatever made it.

    Args:
        file: see `OnnxModel`.

    Raises:
        ScoringError: it cannot be used.
    """

    def __init__(self, file: Path) -> None:
        content = file.read_bytes()
        names = tuple(feature.name.lower() for feature in Feature)
        self._model = OnnxModel(content, names)
        self.name = f"{file.stem}-{hashlib.sha256(content).hexdigest()[:12]}"
        self.threshold = self._model.threshold

    def risk(self, _states: States, _now: Floats, matrix: Floats, /) -> Floats:
        """See `Challenger.risk`."""
        return self._model.run(matrix)


def _checked(challenger: Challenger, model: ScoringModel) -> Challenger:
    """Try it before anything depends on it.

    Raises:
        ScoringError: it fails, or does not tell one probability a customer.
    """
    states, now = new_states(TRIED), np.zeros(TRIED)
    try:
        risk = challenger.risk(states, now, features(states, now, model))
    except ScoringError:
        raise
    except Exception as error:  # whatever a foreign runtime raises
        reason = " ".join(str(error).split())
        raise ScoringError(where="trial", expected="a model that runs", got=reason) from error
    if not ((risk >= 0.0) & (risk <= 1.0)).all():
        raise ScoringError(where="trial", expected="probabilities", got=str(risk.tolist()))
    return challenger
