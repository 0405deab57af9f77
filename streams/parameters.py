"""The parameter file in use."""

import json
from importlib import resources

from scoring.errors import ScoringError
from scoring.model import Model
from scoring.parameters import parse
from streams.config import Settings


def load_model(settings: Settings) -> Model:
    """Read the parameter file, or the packaged one fitted to CDNOW where none is named.

    Raises:
        ScoringError: The file is no JSON, or says something that cannot be used.
        OSError: It cannot be read.
    """
    packaged = resources.files("scoring.models").joinpath("cdnow.json")
    text = (settings.parameters_file or packaged).read_text(encoding="utf-8")
    try:
        document = json.loads(text)
    except ValueError as error:
        where = str(settings.parameters_file)
        raise ScoringError(where=where, expected="a JSON object", got=error) from error
    return Model(parse(document))
