"""The parameter file in use."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scoring import ScoringError
from scoring.model import ScoringModel
from scoring.parameters import parse, sealed
from scoring.rules import RuleSet, read_rules, shipped
from streams.config import Settings, packaged


def load_model(settings: Settings) -> ScoringModel:
    """Read the parameter file, or the preset where none is named, and the rules file.

    Raises:
        ScoringError: The file is no JSON, or says something that cannot be used.
        OSError: It cannot be read.
    """
    return checked(
        ScoringModel(parse(read_document(settings.parameters_source)), rules_of(settings))
    )


def load_models(
    settings: Settings, parameters: Sequence[Path], rules: Sequence[Path]
) -> list[ScoringModel]:
    """Read parameter files, each with each of the rules files; the settings' own where none is.

    Raises:
        ScoringError: One cannot be used.
        OSError: One cannot be read.
    """
    sets = [read_rules(file.read_bytes(), str(file)) for file in rules] or [rules_of(settings)]
    files = parameters or [settings.parameters_source]
    return [ScoringModel(parse(read_document(file)), each) for file in files for each in sets]


def rules_of(settings: Settings) -> RuleSet:
    """Read the rules file; the shipped rules where none is named.

    Raises:
        RulesError: It cannot be used.
        OSError: It cannot be read.
    """
    file = settings.rules_file
    return shipped() if file is None else read_rules(file.read_bytes(), str(file))


def checked(model: ScoringModel) -> ScoringModel:
    """The model, if its rules and parameters go together.

    Raises:
        ScoringError: They do not.
    """
    model.thresholds  # noqa: B018 - worked out when first asked for
    return model


def read_document(file: Path | None) -> Any:  # noqa: ANN401 - any JSON value
    """Read a parameter file's JSON value; None reads the packaged one fitted to CDNOW.

    Raises:
        ScoringError: The file is no JSON.
        OSError: It cannot be read.
    """
    try:
        return json.loads((file or packaged("cdnow")).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ScoringError(where=str(file), expected="a JSON object", got=error) from error


def write_document(file: Path, document: Mapping[str, Any]) -> None:
    """Write a parameter file with its SHA-256, whole or not at all; keys stay in their order.

    Raises:
        ScoringError: No worker could load it; nothing is written.
        OSError: It cannot be written.
    """
    whole = sealed(document)
    ScoringModel(parse(whole))
    text = json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as temporary:
            temporary.write(text)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
